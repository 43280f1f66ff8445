import { createGenericSource } from '../../../server/connectors/generic/generic-source';
import { createSourceRegistry } from '../../../server/connectors/registry';
import { ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

describe('The registry of source kinds', () => {
  const create = () => createGenericSource(new ScriptedHttp(() => ({})), new TestClock());
  const generic = create();

  it('gives the connector of a kind', () => {
    expect(createSourceRegistry(['generic'], [generic]).of('generic')).toBe(generic);
  });

  it('stops the boot for a kind without a connector, or with two', () => {
    expect(() => createSourceRegistry(['generic', 'abacus'], [generic])).toThrow('No connector for the kind abacus');
    expect(() => createSourceRegistry(['generic'], [generic, create()])).toThrow('Two connectors');
  });

  it('never takes one kind for another', () => {
    const registry = createSourceRegistry(['generic'], [generic]);
    expect(() => registry.of('toString')).toThrow('No connector for the kind toString');
  });
});
