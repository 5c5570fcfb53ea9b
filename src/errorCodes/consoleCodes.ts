import { fatal, retriable } from './row.ts'

/** The page of a job. */
export const consoleCodes = {
  CONSOLE_NOT_LISTENING: retriable(
    'The page cannot listen on its port or address, such as a port that another program uses. The job is not affected.',
    'Choose another port, or 0 for any free one.',
  ),
  CONSOLE_FILES_MISSING: fatal(
    'The files of the page are not beside its module.',
    'A bundler has left them behind: keep `rxweft/console` external. In a clone of the repository run `npm run page`.',
  ),
} as const
