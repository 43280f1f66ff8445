import { FailureError } from '../../../server/domain/failure';

/** The failure a piece of work ends in; anything else it ends in is a mistake of the test. */
export async function failureOf(work: Promise<unknown>): Promise<FailureError> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof FailureError) return thrown;
    throw thrown;
  }
  throw new Error('Nothing failed');
}
