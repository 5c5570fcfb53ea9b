/**
 * tsx has esbuild name every function that is made, each time that it is made: a sixth of all time in a simulation. Whatever is loaded
 * after this module goes without. Nothing here looks at the names of functions.
 */
const define = Object.defineProperty

Object.defineProperty = ((target: object, key: PropertyKey, what: PropertyDescriptor) =>
  key === 'name' && typeof target === 'function' ? target : define(target, key, what)) as typeof define
