import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { drawings } from '../../docs/pictures/draw.ts'

const folder = join(import.meta.dirname, '../../docs/pictures')

describe('the pictures of the site', () => {
  it.each([...drawings()])('are as their source draws them: %s (else: npm run pictures)', (name, svg) => {
    expect(readFileSync(join(folder, name), 'utf8')).toBe(svg)
  })

  it.each([...drawings()])('have colours for a dark page, and a description: %s', (_, svg) => {
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg).toMatch(/<title>[^<]{50,}<\/title>/)
  })
})
