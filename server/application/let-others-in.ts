/** As many turns of the event loop as a call needs to leave, or an answer to come in. */
const TURNS_OF_A_CALL = 4;

/**
 * Between two pieces of long work. An embedded database answers without ever returning to the event loop: whoever goes
 * from one transaction to the next would hold up every call, those of the sources that push among them.
 */
export async function letOthersIn(): Promise<void> {
  for (let turn = 0; turn < TURNS_OF_A_CALL; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
