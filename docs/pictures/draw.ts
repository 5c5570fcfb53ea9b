/** Draws the pictures of the site: `npm run pictures`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { idea } from './idea.ts'
import { killed } from './killed.ts'
import { type Picture, svgOf } from './shapes.ts'
import { shards } from './shards.ts'

const all: Readonly<Record<string, Picture>> = { idea, shards, killed }

/** What each file in this folder is to hold. */
export function drawings(): ReadonlyMap<string, string> {
  return new Map(Object.entries(all).map(([name, picture]) => [`${name}.svg`, svgOf(picture)]))
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, svg] of drawings()) writeFileSync(join(import.meta.dirname, name), svg)
}
