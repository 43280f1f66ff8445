import { accessMail } from '../domain/access-mail';
import { asFailure, type Failure } from '../domain/failure';
import type { AccessLink, AccessLinkStore } from '../domain/ports/access-links';
import type { Clock } from '../domain/ports/clock';
import type { OutgoingMail } from '../domain/ports/outgoing-mail';
import type { LoginChallengeStore } from '../domain/ports/second-factors';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { PasswordHashing, SessionStore, Tokens, User, UserStore } from '../domain/ports/users';
import { notFound, Refusal } from '../domain/refusal';
import type { Role } from '../domain/role';

export const LINK_MS = 7 * 86_400_000;

export interface InvitePeoplePorts {
  readonly unit: UnitOfWork;
  readonly users: UserStore;
  readonly links: AccessLinkStore;
  readonly sessions: SessionStore;
  readonly challenges: LoginChallengeStore;
  readonly passwords: PasswordHashing;
  readonly tokens: Tokens;
  readonly mail: OutgoingMail;
  readonly clock: Clock;
}

/** Who issues a link, in which language, and the link a token makes. */
export interface Issuer {
  readonly name: string;
  readonly language: string;
  readonly linkOf: (token: string) => string;
}

export interface IssuedLink {
  readonly issued: AccessLink;
  /** Shown this once. */
  readonly link: string;
  /** How the letter with it went: sent, not possible here, or why it failed. */
  readonly mail: 'sent' | 'not_configured' | Failure;
}

/** One-time links: for somebody new, and for a user who lost the password. */
export class InvitePeople {
  constructor(private readonly ports: InvitePeoplePorts) {}

  async invite(email: string, role: Role, by: Issuer): Promise<IssuedLink> {
    if ((await this.ports.users.findByEmail(email)) !== null) {
      throw new Refusal('conflict', 'Somebody with this e-mail address has an account already.');
    }
    return this.issue({ kind: 'join', userId: null, email, role }, by.language, by);
  }

  /** A new link with another seven days; the one before is void. */
  async reissue(id: number, by: Issuer): Promise<IssuedLink> {
    const { email, role } = await this.findInvitation(id);
    return this.invite(email, role, by);
  }

  async revoke(id: number): Promise<void> {
    await this.findInvitation(id);
    if (!(await this.ports.links.remove(id))) throw notFound('invitation');
  }

  async resetPassword(userId: number, by: Issuer): Promise<IssuedLink> {
    const user = await this.ports.users.find(userId);
    if (!user) throw notFound('user');
    return this.issue({ kind: 'reset', userId, email: user.email, role: user.role }, user.language, by);
  }

  async look(token: string): Promise<AccessLink> {
    const { links, tokens, clock } = this.ports;
    const link = await links.find(tokens.digest(token), clock.now());
    if (!link) throw new Refusal('forbidden', 'This link is not valid, or not any more. Ask for a new one.');
    return link;
  }

  /** The account made, or the user whose password is set anew: everybody else who was logged in as them is out. */
  async accept(token: string, password: string, language: string): Promise<User> {
    const { unit, users, links, sessions, challenges, passwords, clock } = this.ports;
    await this.look(token);
    const passwordHash = await passwords.hash(password);
    return unit.run(async () => {
      const { id, userId, email, role } = await this.look(token);
      if (!(await links.remove(id))) throw new Refusal('conflict', 'This link was used already.');
      if (userId === null) {
        if ((await users.findByEmail(email)) !== null) {
          throw new Refusal('conflict', 'Somebody with this e-mail address has an account already.');
        }
        return users.create({ email, role, language, passwordHash }, clock.now());
      }
      const user = await users.find(userId);
      if (!user) throw notFound('user');
      await users.change(userId, { passwordHash });
      await sessions.closeAllOf(userId, null);
      await challenges.closeAllOf(userId);
      return user;
    });
  }

  private async findInvitation(id: number): Promise<AccessLink> {
    const link = await this.ports.links.findById(id);
    if (link?.kind !== 'join') throw notFound('invitation');
    return link;
  }

  private async issue(
    what: Pick<AccessLink, 'kind' | 'userId' | 'email' | 'role'>,
    language: string,
    by: Issuer,
  ): Promise<IssuedLink> {
    const { links, tokens, clock } = this.ports;
    const token = tokens.random();
    const now = clock.now();
    const issued = await links.issue(
      { ...what, issuedBy: by.name, tokenHash: tokens.digest(token), expiresAt: now + LINK_MS },
      now,
    );
    const link = by.linkOf(token);
    return { issued, link, mail: await this.send(what, language, link) };
  }

  /** A letter that cannot be sent spoils nothing: the link is there to be passed on by hand. */
  private async send(
    { kind, email }: Pick<AccessLink, 'kind' | 'email'>,
    language: string,
    link: string,
  ): Promise<IssuedLink['mail']> {
    const { mail } = this.ports;
    if (!mail.isConfigured()) return 'not_configured';
    try {
      await mail.send({ to: email, ...accessMail(kind, language, link) });
      return 'sent';
    } catch (thrown) {
      return asFailure(thrown);
    }
  }
}
