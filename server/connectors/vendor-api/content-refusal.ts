import type { Refusal } from '../../domain/refusal';

const ABOUT_CONTENT: ReadonlySet<string> = new Set<Refusal['code']>([
  'push_unreadable',
  'push_media_unsupported',
  'push_too_large',
  'push_no_line_usable',
]);

/** Sent once more, such a call would be refused once more; any other refusal may pass, and its sender has to know. */
export const isAboutContent = ({ code }: Refusal): boolean => ABOUT_CONTENT.has(code);
