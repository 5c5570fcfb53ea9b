/** `npm run page [-- FOLDER]`: builds the page of a job, by default beside the sources. */
import { resolve } from 'node:path'
import { besideSources, buildPage } from './buildPage.ts'

await buildPage(resolve(process.argv[2] ?? besideSources))
