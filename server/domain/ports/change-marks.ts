/** What a panel that is open may have to read again. */
export const CHANGE_TOPICS = ['items', 'pushes', 'runs', 'notifications', 'circuits', 'estate'] as const;
export type ChangeTopic = (typeof CHANGE_TOPICS)[number];

/** For each topic a text that differs from the one before when something of it has changed since. */
export interface ChangeMarks {
  read(): Promise<Readonly<Record<ChangeTopic, string>>>;
}
