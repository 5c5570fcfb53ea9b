/** rxweft/testing: unit tests of pipelines as pictures, without a broker and without waiting. */
export { cold, type MarbleEvent, type MarbleOptions, type Marbles, parse } from './testing/marbles.ts'
export { type Drawable, render } from './testing/render.ts'
export { type MarblePipeline, type Run, type RunOptions, run, runInTime } from './testing/run.ts'
export { type TestServices, type TestServicesOptions, testServices } from './testing/testServices.ts'
export { settle, type VirtualClock, virtualClock } from './testing/virtualClock.ts'
