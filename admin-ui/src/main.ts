import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { onEnrolmentDue, onUnauthorised } from './api/http';
import { startLanguage } from './composables/useLanguage';
import { startTheme } from './composables/useTheme';
import './element';
import { i18n } from './i18n';
import { createPanelRouter } from './router';
import { useSession } from './stores/session';
import './theme.css';

async function start() {
  startTheme();
  await startLanguage();
  const app = createApp(App).use(createPinia()).use(i18n);
  const router = createPanelRouter();
  onUnauthorised(() => {
    useSession().forget();
    const here = router.currentRoute.value;
    if (here.meta.public !== true) void router.replace({ name: 'login', query: { next: here.fullPath } });
  });
  onEnrolmentDue(() => {
    useSession().markEnrolment(true);
    void router.replace({ name: 'enrol', query: { next: router.currentRoute.value.fullPath } });
  });
  app.use(router).mount('#app');
}

void start();
