import type { User, UserStore } from '../domain/ports/users';
import { Refusal } from '../domain/refusal';
import type { AdmitBridgeCall } from './admit-bridge-call';
import type { LogIn, OpenedChallenge, OpenedSession } from './log-in';

export interface SignInByBridgePorts {
  readonly admit: Pick<AdmitBridgeCall, 'admitSignIn'>;
  readonly users: Pick<UserStore, 'find' | 'findByEmail'>;
  readonly logIn: Pick<LogIn, 'afterPassword'>;
}

/** Lets in by the word of a paired shop's WordPress what a password would; a second factor is asked for all the same. */
export class SignInByBridge {
  constructor(private readonly ports: SignInByBridgePorts) {}

  async signIn(
    form: Readonly<Record<string, unknown>>,
    userAgent: string | null,
  ): Promise<OpenedSession | OpenedChallenge> {
    const { admit, logIn } = this.ports;
    const { pairing, user, email } = await admit.admitSignIn(form);
    // Whoever began the pairing is the person who confirmed it in the shop.
    const bound = pairing.shopUser?.id === user && pairing.userId !== null ? pairing.userId : null;
    const account = await this.accountOf(bound, email);
    if (!account) throw new Refusal('forbidden', 'No account here belongs to this WordPress user.');
    return logIn.afterPassword(account, userAgent);
  }

  private async accountOf(bound: number | null, email: string): Promise<User | null> {
    const { users } = this.ports;
    if (bound !== null) return users.find(bound);
    const found = await users.findByEmail(email);
    return found && { id: found.id, email: found.email, role: found.role, language: found.language };
  }
}
