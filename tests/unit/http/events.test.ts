import http from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { ChangeListener } from '../../../server/application/tell-changes';
import { eventRoute } from '../../../server/http/routes/events';
import { eventually } from '../../support/eventually';
import { TestClock } from '../../support/test-clock';

describe('The stream of events', () => {
  let clock: TestClock;
  let listeners: Set<ChangeListener>;
  let isIn: boolean;
  let server: http.Server;
  let leave: AbortController;
  let stopping: AbortController;

  const open = async () => {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/events`, { signal: leave.signal });
    const stream = { response, text: '', isOver: false };
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) throw new Error('There is no stream');
    const read = async (): Promise<void> => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        stream.text += value;
      }
    };
    void read().then(
      () => (stream.isOver = true),
      () => (stream.isOver = true),
    );
    return stream;
  };

  beforeEach(async () => {
    clock = new TestClock();
    listeners = new Set();
    isIn = true;
    leave = new AbortController();
    stopping = new AbortController();
    const app = express();
    const tellChanges = {
      listen: (listener: ChangeListener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const authentication = {
      demand: () => ({
        name: 'owner',
        role: 'owner' as const,
        userId: 1,
        by: 'session' as const,
        sessionId: 1,
        tokenName: null,
        mustEnrol: false,
      }),
      isStillIn: () => Promise.resolve(isIn),
    };
    app.get('/events', eventRoute({ authentication, tellChanges, clock, stopping: stopping.signal }));
    server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterEach(async () => {
    leave.abort();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('ends when the service stops', async () => {
    const stream = await open();
    await eventually(async () => stream.text.includes('event: ready'));
    stopping.abort();
    await eventually(async () => stream.isOver);
  });

  it('says that it is ready, then names what changes, and is held back by nobody', async () => {
    const stream = await open();
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.response.headers.get('cache-control')).toBe('no-store, no-transform');
    await eventually(async () => stream.text.includes('event: ready'));
    for (const listener of listeners) listener(['items', 'runs']);
    await eventually(async () => stream.text.includes('event: change\ndata: {"topics":["items","runs"]}\n\n'));
  });

  it('gives a sign of life, and ends with the log-in of who listens', async () => {
    const stream = await open();
    await eventually(async () => stream.text.includes('event: ready'));
    clock.advance(20_000);
    await eventually(async () => stream.text.includes(': alive'));
    isIn = false;
    clock.advance(20_000);
    await eventually(async () => stream.isOver);
    expect(listeners.size).toBe(0);
  });

  it('stops listening when its reader has gone', async () => {
    const stream = await open();
    await eventually(async () => stream.text.includes('event: ready'));
    expect(listeners.size).toBe(1);
    leave.abort();
    await eventually(async () => listeners.size === 0);
  });
});
