import { type Clock } from '../clock.ts';
import { type ObjectStore } from '../objects/store.ts';
import { type ObjectWriter } from '../objects/writer.ts';
import { type KindRegistry } from '../objects/kinds/registry.ts';
import { type Random } from '../objects/random.ts';
import { type EventRecorder } from './event-recorder.ts';

/** What every controller works with. */
export interface ControllerDeps {
  store: ObjectStore;
  writer: ObjectWriter;
  kinds: KindRegistry;
  clock: Clock;
  random: Random;
  events: EventRecorder;
}

/** A loop that makes the world as objects ask for. It starts when created. */
export interface Controller {
  /** Stops it. Safe to call twice. */
  dispose(): void;
}
