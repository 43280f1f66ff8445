import type { Mail } from './ports/outgoing-mail';

interface Letter {
  readonly subject: string;
  readonly says: string;
  readonly ends: string;
}

const LETTERS: Readonly<Record<'join' | 'reset', Readonly<Record<string, Letter>>>> = {
  join: {
    en: {
      subject: 'You are invited to Stock Relay',
      says: 'You have been invited to Stock Relay. Choose your password here:',
      ends: 'The link works once, within seven days.',
    },
    ro: {
      subject: 'Ai fost invitat în Stock Relay',
      says: 'Ai fost invitat în Stock Relay. Alege-ți parola aici:',
      ends: 'Linkul merge o singură dată, timp de șapte zile.',
    },
    fr: {
      subject: 'Vous êtes invité sur Stock Relay',
      says: 'Vous avez été invité sur Stock Relay. Choisissez votre mot de passe ici :',
      ends: 'Le lien ne sert qu’une fois, dans les sept jours.',
    },
    es: {
      subject: 'Te han invitado a Stock Relay',
      says: 'Te han invitado a Stock Relay. Elige tu contraseña aquí:',
      ends: 'El enlace sirve una sola vez, durante siete días.',
    },
    'pt-BR': {
      subject: 'Você foi convidado para o Stock Relay',
      says: 'Você foi convidado para o Stock Relay. Escolha sua senha aqui:',
      ends: 'O link funciona uma única vez, por sete dias.',
    },
  },
  reset: {
    en: {
      subject: 'Your new password for Stock Relay',
      says: 'Choose a new password for Stock Relay here:',
      ends: 'The link works once, within seven days. If you did not ask for it, you need do nothing.',
    },
    ro: {
      subject: 'Parola ta nouă pentru Stock Relay',
      says: 'Alege aici o parolă nouă pentru Stock Relay:',
      ends: 'Linkul merge o singură dată, timp de șapte zile. Dacă nu l-ai cerut, nu trebuie să faci nimic.',
    },
    fr: {
      subject: 'Votre nouveau mot de passe pour Stock Relay',
      says: 'Choisissez ici un nouveau mot de passe pour Stock Relay :',
      ends: 'Le lien ne sert qu’une fois, dans les sept jours. Si vous ne l’avez pas demandé, n’en tenez pas compte.',
    },
    es: {
      subject: 'Tu nueva contraseña de Stock Relay',
      says: 'Elige aquí una nueva contraseña para Stock Relay:',
      ends: 'El enlace sirve una sola vez, durante siete días. Si no lo has pedido, no tienes que hacer nada.',
    },
    'pt-BR': {
      subject: 'Sua nova senha do Stock Relay',
      says: 'Escolha aqui uma nova senha para o Stock Relay:',
      ends: 'O link funciona uma única vez, por sete dias. Se você não o pediu, não precisa fazer nada.',
    },
  },
};

/** The letter that carries a one-time link. */
export function accessMail(kind: 'join' | 'reset', language: string, link: string): Pick<Mail, 'subject' | 'text'> {
  const letter = LETTERS[kind][language] ?? LETTERS[kind]['en'];
  if (letter === undefined) throw new Error(`There is no letter for ${kind}`);
  return { subject: letter.subject, text: `${letter.says}\n\n${link}\n\n${letter.ends}\n` };
}
