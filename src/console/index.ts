/** rxweft/console: a page that shows a running job, and steers it. */
export { type ConsoleOptions, type ConsolePage, consolePage } from './consolePage.ts'
