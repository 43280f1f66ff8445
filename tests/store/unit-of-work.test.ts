import { affectedRows, selectRows } from '../../server/store/statements';
import { onEachEngine } from '../support/test-stores';

onEachEngine('A unit of work', (stores) => {
  const read = (name: string) => stores().settings.read(name);

  it('is kept whole or not at all: 200 at once lose nothing acknowledged and keep nothing undone', async () => {
    const { unit, settings } = stores();
    const ends = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) =>
        unit.run(async () => {
          await settings.write(`first.${n}`, 'x');
          await new Promise((resolve) => setImmediate(resolve));
          if (n % 5 === 0) throw new Error('undone');
          await settings.write(`second.${n}`, 'x');
        }),
      ),
    );
    for (const [n, end] of ends.entries()) {
      const expected = n % 5 === 0 ? ['rejected', null, null] : ['fulfilled', 'x', 'x'];
      expect([end.status, await read(`first.${n}`), await read(`second.${n}`)]).toEqual(expected);
    }
  });

  it('loses no write of another flow to its own undoing', async () => {
    const { unit, settings } = stores();
    let fail = (): void => undefined;
    const failing = new Promise<never>((_resolve, reject) => {
      fail = () => reject(new Error('undone'));
    });
    const undone = unit.run(async () => {
      await settings.write('undone', 'x');
      await failing;
    });
    const other = settings.write('other', 'kept');
    fail();
    await expect(undone).rejects.toThrow('undone');
    await other;
    expect([await read('undone'), await read('other')]).toEqual([null, 'kept']);
  });

  it('takes a null that is the only parameter', async () => {
    const { unit } = stores();
    expect(await selectRows(unit.entities, 'SELECT COALESCE(?, 7) AS value', [null])).toMatchObject([{ value: 7 }]);
    const gone = unit.run(() => affectedRows(unit.entities, 'DELETE FROM app_settings WHERE name = ?', [null]));
    expect(await gone).toBe(0);
  });

  it('adds up what many do to one row', async () => {
    const { unit, settings } = stores();
    await settings.write('sum', '0');
    await Promise.all(
      Array.from({ length: 50 }, () =>
        unit.run(() =>
          affectedRows(unit.entities, 'UPDATE app_settings SET value = value + 1 WHERE name = ?', ['sum']),
        ),
      ),
    );
    expect(Number(await read('sum'))).toBe(50);
  });

  it('joins the one it is called in: undoing the outer undoes the inner', async () => {
    const { unit, settings } = stores();
    const outer = unit.run(async () => {
      await unit.run(() => unit.run(() => settings.write('inner', 'x')));
      expect(await read('inner')).toBe('x');
      throw new Error('undone');
    });
    await expect(outer).rejects.toThrow('undone');
    expect(await read('inner')).toBeNull();
  });

  it('gives back what its work gives', async () => {
    const { unit } = stores();
    expect(await unit.run(() => Promise.resolve(7))).toBe(7);
  });

  it('that failed does not stop the next one', async () => {
    const { unit, settings } = stores();
    await expect(unit.run(() => Promise.reject(new Error('first')))).rejects.toThrow('first');
    await expect(unit.run(() => unit.entities.query('NOT SQL'))).rejects.toThrow();
    await settings.write('next', 'x');
    expect(await read('next')).toBe('x');
  });

  it('is not needed for reading, and a change outside of one is a bug that is named', async () => {
    const { unit } = stores();
    expect(await read('never written')).toBeNull();
    await expect(
      affectedRows(unit.entities, 'UPDATE app_settings SET value = ? WHERE name = ?', ['x', 'y']),
    ).rejects.toThrow('outside a unit of work');
  });

  it('leaves no trace of its transaction in what comes after it', async () => {
    const { unit } = stores();
    await unit.run(() => Promise.resolve());
    expect(unit.entities).toBe(stores().dataSource.manager);
  });
});
