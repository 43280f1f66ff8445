export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

/** E-mail on its way out; throws FailureError when the mail server does not take it. */
export interface OutgoingMail {
  isConfigured(): boolean;
  send(mail: Mail): Promise<void>;
}
