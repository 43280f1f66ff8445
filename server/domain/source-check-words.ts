import { fillWords } from './failure';
import type { SourceCheck } from './ports/stock-source';

interface Words {
  readonly message: string;
  readonly cure: string | null;
}

/** English for what the test of a source finds; a panel says the same in its languages by id and code. */
export const SOURCE_CHECK_WORDS: Readonly<Record<string, Words>> = {
  'vendor_address.reachable': { message: 'The accounting system’s API answers.', cure: null },
  'vendor_address.unreachable': {
    message: 'The accounting system’s API cannot be reached: {reason}',
    cure: 'Check this server’s internet connection; the system itself may be down for a while.',
  },
  'vendor_address.rate_limited': {
    message: 'The accounting system blocks calls for about ten minutes, because too many came.',
    cure: 'Wait ten minutes, and see whether another program uses the same account.',
  },
  'vendor_address.calls_used': {
    message: 'Hiboutik’s API answers. {used} of the {most} calls a month that Stock Relay may make are used.',
    cure: null,
  },
  'vendor_address.calls_nearly_used': {
    message: 'Hiboutik’s API answers, but {used} of the {most} calls a month that Stock Relay may make are used.',
    cure: 'Pull less often. When they are used up, levels are read again from the next month on; a shop has 10,000 calls a month for all its programs, and Hiboutik sells more.',
  },
  'vendor_address.calls_used_up': {
    message: 'Hiboutik takes no more calls for now. A shop has 10,000 a month, for all its programs together.',
    cure: 'Wait for the next month or have Hiboutik add calls, and let Stock Relay ask less often.',
  },
  'vendor_address.answer_unexpected': {
    message: 'The accounting system gave an answer we do not understand (status {status}).',
    cure: 'Try again later. Pushes work all the same.',
  },
  'vendor_address.file_read': {
    message: 'The file is read. It has {rows} rows; {refused} of them cannot be used.',
    cure: null,
  },
  'vendor_address.file_unreadable': {
    message: 'What lies at the address is not a list of levels we can read: {said}',
    cure: 'Open the address in a browser, and compare the names of its columns with those in the settings.',
  },
  'vendor_address.file_unreachable': {
    message: 'The address of the file cannot be reached: {reason}',
    cure: 'Open the address in a browser; the system that writes the file may be down for a while.',
  },
  'vendor_address.file_limited': {
    message: 'The address of the file asks us to wait ({seconds} seconds).',
    cure: 'Wait, and let Stock Relay pull the file less often.',
  },
  'vendor_login.login_accepted': { message: 'E-mail address and API token are accepted.', cure: null },
  'vendor_login.login_refused': {
    message: 'E-mail address or API token are refused.',
    cure: 'Copy both again: SmartBill Cloud > Contul Meu > Integrari > API.',
  },
  'vendor_login.login_refused_hiboutik': {
    message: 'Account, user or API key are refused.',
    cure: 'Copy all three again: Hiboutik > Settings > API.',
  },
  'vendor_login.login_refused_oblio': {
    message: 'E-mail address or API secret are refused.',
    cure: 'Copy both again: Oblio > Setari > Date cont. Setting a new password there makes a new secret.',
  },
  'vendor_login.login_refused_file': {
    message: 'User or password of the file are refused.',
    cure: 'Enter both again, as its address asks for them in a browser.',
  },
  'vendor_login.rights_missing': {
    message: 'The user may not read this: {said}',
    cure: 'Give the user of the API key the right to read products and stock, then test again.',
  },
  'vendor_company.company_found': { message: 'The company is found; it has {warehouses} warehouses.', cure: null },
  'vendor_company.company_refused': {
    message: 'The accounting system refuses the company: {said}',
    cure: 'Check the VAT code (CIF) and that the account may use the API.',
  },
  'push_received.received': { message: 'Calls from the accounting system arrive.', cure: null },
  'push_received.nothing_yet': {
    message: 'No call has arrived from the accounting system yet.',
    cure: 'Enter the URL and the token there and press its test button.',
  },
  'push_received.token_missing': {
    message: 'The last call came without a token.',
    cure: 'Enter the token in the accounting system; if it is there, a proxy in between drops the Authorization header.',
  },
  'push_received.token_wrong': {
    message: 'The last call came with a wrong token.',
    cure: 'Copy the token again, or make a new one and enter it in the accounting system.',
  },
};

export const sourceCheckWords = ({ id, code, params }: SourceCheck): Words => {
  const words = SOURCE_CHECK_WORDS[`${id}.${code}`];
  if (!words) return { message: `${id}: ${code}`, cure: null };
  return {
    message: fillWords(words.message, params),
    cure: words.cure === null ? null : fillWords(words.cure, params),
  };
};
