// Plain tsc checks the tests; the components themselves are checked by vue-tsc.
declare module '*.vue' {
  import type { DefineComponent } from 'vue';

  const component: DefineComponent;
  export default component;
}
