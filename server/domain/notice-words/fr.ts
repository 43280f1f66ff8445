import type { NoticeWords } from './notice-words';

export const fr: NoticeWords = {
  kinds: {
    circuit_open: {
      title: '{shop} : la boutique n’est plus appelée',
      cause: 'La boutique est injoignable ou refuse nos appels, rien n’y est donc écrit ; ce qui arrive attend.',
      cure: 'Nous réessayons de nous-mêmes. Si cela dure, la page des connexions montre la réponse de la boutique.',
      place: 'Vers les connexions',
    },
    mass_zero: {
      title: '{shop} : des produits sont retenus avant de passer à 0',
      cause: 'La source a mis un très grand nombre de produits à 0 d’un coup ; ils sont retenus jusqu’à votre examen.',
      cure: 'Si c’est juste, choisissez Réessayer pour ces produits. Sinon, corrigez la source.',
      place: 'Vers ces produits',
    },
    run_paused: {
      title: '{source} → {shop} : une opération s’est arrêtée et vous interroge',
      cause: 'L’opération changerait énormément d’un coup ; elle s’est arrêtée avant d’enregistrer quoi que ce soit.',
      cure: 'Regardez ses lignes, puis laissez-la continuer ou annulez-la.',
      place: 'Vers l’opération',
    },
    run_failed: {
      title: '{source} → {shop} : une opération a échoué',
      cause: 'L’opération s’est terminée sans résultat, et aucune du même genre n’a réussi depuis.',
      cure: 'Regardez son journal, corrigez la cause et relancez-la.',
      place: 'Vers l’opération',
    },
    source_silent: {
      title: '{source} : la source s’est tue',
      cause: 'La source se tait depuis plus longtemps que jamais ; les stocks de la boutique peuvent être anciens.',
      cure: 'Vérifiez qu’elle fonctionne et nous appelle encore ; un appel de test montre aussitôt s’il arrive.',
      place: 'Vers la source',
    },
    levels_unread: {
      title: '{source} : ses stocks ne peuvent pas être lus',
      cause: 'Des appels ont nommé des produits sans leur stock, et l’API de la source ne nous laisse pas le lire.',
      cure: 'Testez la source ; la réponse dit ce qui ne va pas.',
      place: 'Vers la source',
    },
    flow_missed: {
      title: '{source} → {shop} : un flux a démarré en retard, ou pas du tout',
      cause: 'À l’heure prévue, le service ne tournait pas, ou une autre opération était encore en cours.',
      cure: 'Rien à faire si le prochain arrive à l’heure ; sinon, regardez les opérations.',
      place: 'Vers les opérations',
    },
    products_unmatched: {
      title: '{source} → {shop} : des produits sans équivalent',
      cause: 'Produits qui ne correspondent à rien dans la boutique, ou à plusieurs : {n}. Leur stock n’est pas écrit.',
      cure: 'Choisissez le bon produit dans Associations ; des suggestions y attendent.',
      place: 'Vers les associations',
    },
    products_failed: {
      title: '{source} → {shop} : des produits en erreur',
      cause: 'Produits qui n’ont pas pu être écrits, tous pour une même cause : {n}.',
      cure: 'Ouvrez la liste : elle nomme la cause et son remède.',
      place: 'Vers ces produits',
    },
    orders_unseen: {
      title: '{source} → {shop} : des commandes web que la source ne connaît pas',
      cause:
        'La commande {order} a été passée il y a {hours} heures, et la source ne la connaît toujours pas (commandes dans ce cas : {orders}). Ce qu’elles ont pris reste retiré.',
      cure: 'Saisissez-les là-bas ou facturez-les. Celles qu’elle connaît déjà, marquez-les comme connues dans la liste.',
      place: 'Vers ces commandes',
    },
  },
  mail: {
    over: 'Terminé : {title}',
    overWhy: 'C’était terminé le {time}.',
    several: 'Avis : {n}',
    cure: 'Que faire :',
    said: 'La réponse était :',
    since: 'Depuis le {time}',
    why: 'Vous recevez cet e-mail parce que vous avez choisi d’être prévenu par Stock Relay.',
    settings: 'Choisir ce que vous apprenez, et quand',
    testSubject: 'Un test de Stock Relay',
    testText: 'Voici le test que vous avez demandé. Les e-mails de Stock Relay vous parviennent.',
  },
};
