import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FatalError } from '../src/errors.ts'
import { missingPackage, optionalPackages, requirePackage } from '../src/optionalPackage.ts'

const { peerDependencies, peerDependenciesMeta, devDependencies } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
)

/** A folder with a package `mine` whose main file is this. */
function folderWith(main: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rxweft-package-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'node_modules/mine'), { recursive: true })
  writeFileSync(join(folder, 'node_modules/mine/index.js'), main)
  return folder
}

function failureOf(place: string, name: string): unknown {
  try {
    return requirePackage(name, [place])
  } catch (thrown) {
    return thrown
  }
}

describe('an optional package', () => {
  it.each(Object.entries(optionalPackages))(
    '%s is an optional peer of the major version in the hint',
    (name, { major }) => {
      expect(peerDependencies[name]).toMatch(new RegExp(`^\\^${major}\\.`))
      expect(peerDependenciesMeta[name]).toEqual({ optional: true })
      expect(devDependencies[name]).toBe(peerDependencies[name])
    },
  )

  it('that is not installed is named, with the command that installs it', () => {
    const cause = failureOf('/nowhere/index.js', 'lmdb')
    const error = missingPackage('lmdb', 'the embedded log', cause)
    expect(error).toBeInstanceOf(FatalError)
    expect(error).toMatchObject({ code: 'LMDB_UNAVAILABLE', hint: 'Run: npm install lmdb@3', cause })
    expect(error.what).toBe('the embedded log needs the package lmdb, which is not installed')
  })

  it('that is installed and does not load is named, with what it throws', () => {
    const place = join(folderWith("throw new Error('no binary for this system\\nat all')"), 'program.js')
    const cause = failureOf(place, 'mine')
    expect(missingPackage('snappy', 'the compression snappy', cause).message).toContain(
      'needs the package snappy, which cannot be loaded: no binary for this system',
    )
  })

  it('is found from the next place if the first one does not have it', () => {
    const places = ['/nowhere/index.js', join(folderWith('module.exports = { found: true }'), 'program.js')]
    expect(requirePackage('mine', places)).toEqual({ found: true })
  })

  it.each([
    ['throws', "throw new Error('broken')", 'broken'],
    ['lacks a package of its own', "require('absent')", "Cannot find module 'absent'"],
  ])('is not looked for in the next place if it %s in the first one', (_, main, message) => {
    const broken = join(folderWith(main), 'program.js')
    const whole = join(folderWith('module.exports = {}'), 'program.js')
    expect(() => requirePackage('mine', [broken, whole])).toThrow(message)
  })
})
