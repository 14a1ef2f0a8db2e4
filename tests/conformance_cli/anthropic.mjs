// A program with Anthropic's SDK for Node: node anthropic.mjs PACKAGES URL KEY MODEL prints what it saw, as JSON.
import { createRequire } from "node:module";

const [packages, url, key, model] = process.argv.slice(2);
const Anthropic = createRequire(`${packages}/`)("@anthropic-ai/sdk").Anthropic;
const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
const max_tokens = 1000;
const ask = [{ role: "user", content: "What is the weather in Paris? Use get_weather." }];
const tool = {
  name: "get_weather",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const text = (message) => message.content.filter((block) => block.type === "text").map((block) => block.text).join("");
const usage = (of) => ({ input: of.input_tokens, output: of.output_tokens });
const seen = {};

const whole = await client.messages.create({ model, max_tokens, messages: [{ role: "user", content: "Say hi." }] });
seen.chat = { text: text(whole), finish: whole.stop_reason, usage: usage(whole.usage), request_id: whole._request_id };

const stream = client.messages.stream({ model, max_tokens, messages: [{ role: "user", content: "Count to three." }] });
let said = "";
stream.on("text", (delta) => (said += delta));
const streamed = await stream.finalMessage();
seen.stream = {
  text: said,
  same: said === text(streamed),
  finish: streamed.stop_reason,
  usage: usage(streamed.usage),
};

const called = await client.messages
  .stream({ model, max_tokens, messages: ask, tools: [tool], tool_choice: { type: "any" } })
  .finalMessage();
const call = called.content.find((block) => block.type === "tool_use");
seen.tool = { name: call.name, arguments: call.input };
const answer = await client.messages.create({
  model,
  max_tokens,
  messages: [
    ...ask,
    { role: "assistant", content: called.content },
    { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "It is 21 degrees." }] },
  ],
  tools: [tool],
});
seen.result = { text: text(answer), finish: answer.stop_reason };

seen.models = (await client.models.list()).data.some((each) => each.id === model);
seen.error = await client.messages
  .create({ model: "no-such-model", max_tokens, messages: ask })
  .then(() => null, (error) => ({ kind: error.constructor.name, status: error.status, request_id: error.requestID }));
console.log(JSON.stringify(seen));
