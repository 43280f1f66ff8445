import { type DestinationStream, type Logger, pino } from 'pino';

/** Structured lines on standard output. What is logged is chosen field by field; this is the net below it. */
export const createLog = (level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['*.authorization', '*.password', '*.token', '*.consumerKey', '*.consumerSecret', '*.apiToken'],
        censor: '[secret]',
      },
    },
    destination ?? pino.destination(1),
  );
