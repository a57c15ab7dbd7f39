/** Lists what a program registers without creating anything: for size reports, tests and inspection. */
import { type Registration, startMonitor } from "./engine/monitor.ts";
import { type Program, ProgramProcess } from "./engine/program.ts";
import { MODELS } from "./resources/index.ts";
import { INVOKES } from "./resources/invokes.ts";
import { awsPlace } from "./resources/place.ts";

export interface Previewed {
  registrations: Registration[];
  /** Output of the program and the engine. */
  messages: string[];
  outputs: Record<string, unknown>;
}

const ACCOUNT = "000000000000";

/** @throws ProgramFailed if the program fails, with its output as the cause */
export async function preview(program: Program): Promise<Previewed> {
  const place = awsPlace(ACCOUNT, program.config["aws:region"] ?? "eu-central-1");
  const programProcess = new ProgramProcess();
  const registrations: Registration[] = [];
  const messages: string[] = [];
  const monitor = await startMonitor(
    program.project,
    program.stack,
    {
      async create(registration) {
        registrations.push(registration);
        const { urn, name, inputs, type } = registration;
        const model = await MODELS[type]?.();
        const { id, ...outputs } = (await model?.outputs({ urn, name, inputs }, place)) ?? { id: name };
        return { id, outputs };
      },
      async read({ inputs }) {
        return inputs;
      },
      async invoke(token, args) {
        return INVOKES[token]?.(args, place) ?? {};
      },
    },
    ({ severity, message }) => {
      if (severity !== "debug") messages.push(message);
    },
  );
  try {
    await programProcess.run(program, monitor.address, (line) => messages.push(line));
  } catch (error) {
    (error as Error).cause = messages.join("\n");
    throw error;
  } finally {
    monitor.close();
  }
  return { registrations, messages, outputs: monitor.outputs };
}
