import type { UserStore } from '../domain/ports/users';
import { Refusal } from '../domain/refusal';
import type { AdmitBridgeCall } from './admit-bridge-call';
import type { LogIn, OpenedChallenge, OpenedSession } from './log-in';

export interface SignInByBridgePorts {
  readonly admit: Pick<AdmitBridgeCall, 'admitSignIn'>;
  readonly users: Pick<UserStore, 'find'>;
  readonly logIn: Pick<LogIn, 'afterPassword'>;
}

/** Lets in by the word of a paired shop's WordPress what a password would; a second factor is asked for all the same. */
export class SignInByBridge {
  constructor(private readonly ports: SignInByBridgePorts) {}

  /**
   * Only the WordPress user who confirmed the pairing, as the person here who began it: both were present then. A shop's
   * administrator sets any e-mail address, so an equal one proves nothing, and one shop must not open the way to others.
   */
  async signIn(
    form: Readonly<Record<string, unknown>>,
    userAgent: string | null,
  ): Promise<OpenedSession | OpenedChallenge> {
    const { admit, users, logIn } = this.ports;
    const { pairing, user } = await admit.admitSignIn(form);
    const account = pairing.shopUser?.id === user && pairing.userId !== null ? await users.find(pairing.userId) : null;
    if (!account) throw new Refusal('forbidden', 'No account here belongs to this WordPress user.');
    return logIn.afterPassword(account, userAgent);
  }
}
