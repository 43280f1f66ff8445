import type { NoticeWords } from './notice-words';

export const es: NoticeWords = {
  kinds: {
    circuit_open: {
      title: '{shop}: ya no se llama a la tienda',
      cause: 'La tienda no responde o rechaza nuestras llamadas, así que no se escribe nada; lo que llega espera.',
      cure: 'Lo volvemos a intentar solos. Si sigue así, la página de conexiones muestra qué respondió la tienda.',
      place: 'A las conexiones',
    },
    mass_zero: {
      title: '{shop}: hay productos retenidos antes de pasar a 0',
      cause: 'El origen puso muchísimos productos a 0 de una vez; quedan retenidos hasta que los mires.',
      cure: 'Si es correcto, elige Reintentar para estos productos. Si no, corrige el origen.',
      place: 'A estos productos',
    },
    run_paused: {
      title: '{source} → {shop}: una ejecución se ha detenido y te pregunta',
      cause: 'La ejecución cambiaría demasiado de una vez, así que se detuvo antes de guardar nada.',
      cure: 'Mira sus líneas y después deja que siga o cancélala.',
      place: 'A la ejecución',
    },
    run_failed: {
      title: '{source} → {shop}: una ejecución ha fallado',
      cause: 'La ejecución terminó sin lograr nada, y ninguna de su clase ha salido bien desde entonces.',
      cure: 'Mira su registro, corrige la causa y vuelve a iniciarla.',
      place: 'A la ejecución',
    },
    source_silent: {
      title: '{source} ha callado',
      cause: 'El origen calla desde hace más tiempo que nunca, así que el stock de la tienda puede ser viejo.',
      cure: 'Comprueba que funciona y aún nos llama; una llamada de prueba muestra enseguida si llega.',
      place: 'Al origen',
    },
    levels_unread: {
      title: '{source}: no se puede leer su stock',
      cause: 'Hubo llamadas que nombraron productos sin su stock, y la API del origen no nos deja leerlo.',
      cure: 'Pruebal origen; la respuesta dice qué falla.',
      place: 'Al origen',
    },
    flow_missed: {
      title: '{source} → {shop}: un flujo empezó tarde o no empezó',
      cause: 'A la hora prevista el servicio no funcionaba, u otra ejecución seguía en curso.',
      cure: 'Nada que hacer si el próximo llega a tiempo; si no, mira las ejecuciones.',
      place: 'A las ejecuciones',
    },
    products_unmatched: {
      title: '{source} → {shop}: productos sin pareja',
      cause: 'Productos que no coinciden con nada de la tienda, o con varias cosas: {n}. Su stock no se escribe.',
      cure: 'Elige el producto correcto en Emparejar; allí esperan sugerencias.',
      place: 'A Emparejar',
    },
    products_failed: {
      title: '{source} → {shop}: productos con error',
      cause: 'Productos que no se pudieron escribir, todos por una misma causa: {n}.',
      cure: 'Abre la lista: dice la causa y qué la remedia.',
      place: 'A estos productos',
    },
    orders_unseen: {
      title: '{source} → {shop}: pedidos web que el origen no conoce',
      cause:
        'El pedido {order} se hizo hace {hours} horas, y el origen sigue sin conocerlo (pedidos así en total: {orders}). Lo que tomaron sigue restado.',
      cure: 'Introdúcelos allí o factúralos. Los que ya conoce, márcalos como conocidos en la lista.',
      place: 'A estos pedidos',
    },
  },
  mail: {
    over: 'Resuelto: {title}',
    overWhy: 'Terminó el {time}.',
    several: 'Avisos: {n}',
    cure: 'Qué hacer:',
    said: 'La respuesta fue:',
    since: 'Desde el {time}',
    why: 'Recibes este correo porque elegiste que Stock Relay te avise.',
    settings: 'Elige qué recibes y cuándo',
    testSubject: 'Una prueba de Stock Relay',
    testText: 'Esta es la prueba que pediste. Los correos de Stock Relay te llegan.',
  },
};
