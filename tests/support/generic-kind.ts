import { createGenericSource } from '../../server/connectors/generic/generic-source';
import type { StockSource } from '../../server/domain/ports/stock-source';
import { ScriptedHttp } from './scripted-http';
import { TestClock } from './test-clock';

/** The kind for any system, which asks nobody here. */
export const genericKind = (): StockSource => createGenericSource(new ScriptedHttp(() => ({})), new TestClock());
