import { FailureError } from '../domain/failure';

/**
 * Remembers whether our own database failed while a shop was worked at: that says nothing of the shop, nor of any item,
 * and must open no circuit.
 */
export class OwnStore {
  private broken = false;

  get failed(): boolean {
    return this.broken;
  }

  /** Asks nothing but our own database. */
  async ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question();
    } catch (error) {
      this.broken = true;
      throw error;
    }
  }

  /** Asks the shop as well: its failures are those of the list, and all others are ours. */
  async askAmong<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof FailureError)) this.broken = true;
      throw error;
    }
  }
}
