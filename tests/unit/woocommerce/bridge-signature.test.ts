import {
  bridgePath,
  bridgeSignature,
  callText,
  isBridgeSignature,
  signInText,
  type BridgeDirection,
} from '../../../server/connectors/woocommerce/bridge-signature';
import vectors from '../../fixtures/bridge-signatures.json';

/** The plugin's own tests read the same file: what one side signs the other must be able to check. */
type Vector = (typeof vectors.calls)[number];

const callOf = (vector: Vector) => ({
  ...vector,
  direction: vector.direction as BridgeDirection,
  body: Buffer.from(vector.body),
});

describe('A signed call between service and shop', () => {
  it.each(vectors.calls)('is signed as the plugin signs it: $name', (vector) => {
    const text = callText(callOf(vector));
    expect(text).toBe(vector.text);
    expect(bridgeSignature(text, vectors.secret)).toBe(vector.signature);
    expect(isBridgeSignature(vector.signature, text, vectors.secret)).toBe(true);
  });

  it.each(vectors.refused)('is refused: $name', ({ of, change }) => {
    const right = vectors.calls.find((vector) => vector.name === of);
    if (!right) throw new Error(`No vector is called ${of}`);
    const sent = { ...right, ...change };
    expect(isBridgeSignature(sent.signature, callText(callOf(sent)), vectors.secret)).toBe(false);
  });

  it.each(vectors.paths)('names its path: $name', ({ route, query, path }) => {
    expect(bridgePath(route, query as Record<string, string>)).toBe(path);
  });

  it.each(vectors.signIns)('signs in: $name', (vector) => {
    expect(signInText(vector)).toBe(vector.text);
    expect(bridgeSignature(signInText(vector), vectors.secret)).toBe(vector.signature);
  });
});
