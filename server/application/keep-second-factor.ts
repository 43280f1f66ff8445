import type { Clock } from '../domain/ports/clock';
import type { OneTimeCodes, SecondFactorStore } from '../domain/ports/second-factors';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { AppSettingStore, Tokens, User } from '../domain/ports/users';
import { Refusal } from '../domain/refusal';

const RECOVERY_CODES = 10;
/** 80 bits in hex: too many to try, even for whoever has stolen the digests. */
const RECOVERY_LENGTH = 20;
const REQUIRED = 'second_factor_required';

/** What a person proves themselves by: a code of the app, or one of the codes for the case that the phone is gone. */
export type Proof = { readonly code: string } | { readonly recoveryCode: string };

export interface KeepSecondFactorPorts {
  readonly unit: UnitOfWork;
  readonly secondFactors: SecondFactorStore;
  readonly settings: AppSettingStore;
  readonly codes: OneTimeCodes;
  readonly tokens: Tokens;
  readonly clock: Clock;
}

/** Switching the second factor on and off, and proving it. */
export class KeepSecondFactor {
  constructor(private readonly ports: KeepSecondFactorPorts) {}

  async stateOf(userId: number): Promise<{
    readonly on: boolean;
    readonly confirmedAt: number | null;
    readonly recoveryCodesLeft: number;
  }> {
    const found = await this.ports.secondFactors.find(userId);
    const on = found !== null && found.secret !== null;
    return {
      on,
      confirmedAt: on ? found.confirmedAt : null,
      recoveryCodesLeft: on ? await this.ports.secondFactors.countRecoveryCodes(userId) : 0,
    };
  }

  /** A secret to take down; it counts once a code of it was given. */
  async enrol(user: Pick<User, 'id' | 'email'>): Promise<{ readonly secret: string; readonly uri: string }> {
    const { secondFactors, codes } = this.ports;
    if ((await this.stateOf(user.id)).on) throw new Refusal('conflict', 'The second factor is on already.');
    const secret = codes.newSecret();
    await secondFactors.keepPending(user.id, secret);
    return { secret, uri: codes.uri(secret, user.email) };
  }

  /** Returns the recovery codes, which are shown this once. */
  async confirm(userId: number, code: string): Promise<readonly string[]> {
    const { unit, secondFactors, codes, clock } = this.ports;
    const pending = (await secondFactors.find(userId))?.pendingSecret ?? null;
    if (pending === null) throw new Refusal('conflict', 'Nothing is being set up. Begin again.');
    const step = codes.stepOf(pending, plain(code), clock.now());
    if (step === null) throw wrongField('code', 'This code is not right. Take the one shown now.');
    return unit.run(async () => {
      await secondFactors.confirm(userId, step, clock.now());
      return this.newRecoveryCodes(userId);
    });
  }

  async renewRecoveryCodes(userId: number): Promise<readonly string[]> {
    if (!(await this.stateOf(userId)).on) throw new Refusal('conflict', 'The second factor is off.');
    return this.newRecoveryCodes(userId);
  }

  async switchOff(userId: number): Promise<boolean> {
    return this.ports.secondFactors.remove(userId);
  }

  /** True where the proof is right; a right one is used up. */
  async prove(userId: number, proof: Proof): Promise<boolean> {
    const { secondFactors, codes, tokens, clock } = this.ports;
    if ('recoveryCode' in proof) {
      return secondFactors.takeRecoveryCode(userId, tokens.digest(recoveryDigits(proof.recoveryCode)));
    }
    const secret = (await secondFactors.find(userId))?.secret ?? null;
    if (secret === null) return false;
    const step = codes.stepOf(secret, plain(proof.code), clock.now());
    return step !== null && secondFactors.takeStep(userId, step);
  }

  async isRequired(): Promise<boolean> {
    return (await this.ports.settings.read(REQUIRED)) === 'true';
  }

  /** Whoever demands it of all must have it: they would be led to enrolment with their very next click. */
  async require(wanted: boolean, by: number | null): Promise<void> {
    if (wanted && by !== null && !(await this.stateOf(by)).on) {
      throw new Refusal('conflict', 'Switch on your own second factor first.');
    }
    await (wanted ? this.ports.settings.write(REQUIRED, 'true') : this.ports.settings.remove(REQUIRED));
  }

  private async newRecoveryCodes(userId: number): Promise<readonly string[]> {
    const { secondFactors, tokens } = this.ports;
    const codes = Array.from({ length: RECOVERY_CODES }, () => tokens.random().slice(0, RECOVERY_LENGTH));
    await secondFactors.replaceRecoveryCodes(
      userId,
      codes.map((code) => tokens.digest(code)),
    );
    return codes.map((code) => code.replace(/.{5}(?=.)/g, '$&-'));
  }
}

const plain = (code: string): string => code.replace(/\s/g, '');
const recoveryDigits = (code: string): string => code.toLowerCase().replace(/[^0-9a-z]/g, '');

/** Input that a person can correct, said at its field. */
export const wrongField = (path: string, message: string): Refusal =>
  new Refusal('invalid_input', message, { errors: [{ path, message }] });
