import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { UserStore } from '../domain/ports/users';
import { notFound, Refusal } from '../domain/refusal';
import type { Role } from '../domain/role';

export interface KeepPeoplePorts {
  readonly unit: UnitOfWork;
  readonly users: UserStore;
}

/** Roles of others, and taking them out. At least one owner always remains. */
export class KeepPeople {
  constructor(private readonly ports: KeepPeoplePorts) {}

  async changeRole(id: number, role: Role, by: number | null): Promise<void> {
    const { users } = this.ports;
    if (id === by) throw new Refusal('conflict', 'Nobody changes their own role. Ask another owner.');
    await this.withOwnersHeld(id, role === 'owner', () => users.change(id, { role }));
  }

  async remove(id: number, by: number | null): Promise<void> {
    const { users } = this.ports;
    if (id === by) throw new Refusal('conflict', 'Nobody removes themselves. Ask another owner.');
    await this.withOwnersHeld(id, false, async () => {
      await users.remove(id);
    });
  }

  /** Two owners who take each other out at the same moment must not both succeed. */
  private async withOwnersHeld(id: number, staysOwner: boolean, change: () => Promise<void>): Promise<void> {
    const { unit, users } = this.ports;
    await unit.run(async () => {
      const owners = await users.holdOwners();
      if ((await users.find(id)) === null) throw notFound('user');
      if (!staysOwner && owners.length === 1 && owners[0] === id) {
        throw new Refusal('conflict', 'This is the last owner. Make somebody else an owner first.');
      }
      await change();
    });
  }
}
