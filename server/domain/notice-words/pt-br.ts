import type { NoticeWords } from './notice-words';

export const ptBr: NoticeWords = {
  kinds: {
    circuit_open: {
      title: '{shop}: a loja não está mais sendo chamada',
      cause: 'A loja está fora de alcance ou recusa nossas chamadas, então nada é gravado nela; o que chega espera.',
      cure: 'Tentamos de novo sozinhos. Se continuar, a página de conexões mostra o que a loja respondeu.',
      place: 'Para as conexões',
    },
    mass_zero: {
      title: '{shop}: produtos retidos antes de ir a 0',
      cause: 'A origem pôs muitos produtos em 0 de uma vez; eles ficam retidos até você olhar.',
      cure: 'Se estiver certo, escolha Tentar de novo para esses produtos. Se não, corrija a origem.',
      place: 'Para estes produtos',
    },
    run_paused: {
      title: '{source} → {shop}: uma execução parou e pergunta a você',
      cause: 'A execução mudaria muita coisa de uma vez, então parou antes de gravar qualquer coisa.',
      cure: 'Veja as linhas dela e depois deixe continuar ou cancele.',
      place: 'Para a execução',
    },
    run_failed: {
      title: '{source} → {shop}: uma execução falhou',
      cause: 'A execução terminou sem resultado, e nenhuma do mesmo tipo deu certo desde então.',
      cure: 'Veja o registro dela, corrija a causa e inicie de novo.',
      place: 'Para a execução',
    },
    source_silent: {
      title: '{source} se calou',
      cause: 'A origem está calada há mais tempo do que nunca, então os estoques da loja podem estar velhos.',
      cure: 'Verifique se ela funciona e ainda nos chama; uma chamada de teste mostra na hora se chega.',
      place: 'Para a origem',
    },
    levels_unread: {
      title: '{source}: os níveis não podem ser lidos',
      cause: 'Chamadas citaram produtos sem o estoque, e a API da origem não nos deixa ler esse estoque.',
      cure: 'Teste a origem; a resposta diz o que está errado.',
      place: 'Para a origem',
    },
    flow_missed: {
      title: '{source} → {shop}: um fluxo começou tarde ou não começou',
      cause: 'No horário planejado o serviço não estava rodando, ou outra execução ainda estava em andamento.',
      cure: 'Nada a fazer se o próximo vier na hora; se não, veja as execuções.',
      place: 'Para as execuções',
    },
    products_unmatched: {
      title: '{source} → {shop}: produtos sem par',
      cause: 'Produtos que não correspondem a nada na loja, ou a várias coisas: {n}. O estoque deles não é gravado.',
      cure: 'Escolha o produto certo em Pareamento; há sugestões esperando lá.',
      place: 'Para o pareamento',
    },
    products_failed: {
      title: '{source} → {shop}: produtos com erro',
      cause: 'Produtos que não puderam ser gravados, todos pela mesma causa: {n}.',
      cure: 'Abra a lista: ela diz a causa e o que resolve.',
      place: 'Para estes produtos',
    },
    orders_unseen: {
      title: '{source} → {shop}: pedidos web que a origem não conhece',
      cause:
        'O pedido {order} foi feito há {hours} horas, e a origem ainda não o conhece (pedidos assim ao todo: {orders}). O que tiraram continua descontado.',
      cure: 'Lance-os lá ou fature-os. Os que ela já conhece, marque como conhecidos na lista.',
      place: 'Para estes pedidos',
    },
  },
  mail: {
    over: 'Resolvido: {title}',
    overWhy: 'Terminou em {time}.',
    several: 'Avisos: {n}',
    cure: 'O que fazer:',
    said: 'A resposta foi:',
    since: 'Desde {time}',
    why: 'Você recebe este e-mail porque escolheu ser avisado pelo Stock Relay.',
    settings: 'Escolha o que você recebe e quando',
    testSubject: 'Um teste do Stock Relay',
    testText: 'Este é o teste que você pediu. Os e-mails do Stock Relay chegam até você.',
  },
};
