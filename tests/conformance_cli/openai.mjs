// A program with OpenAI's SDK for Node: node openai.mjs PACKAGES URL KEY MODEL prints what it saw, as JSON.
import { createRequire } from "node:module";

const [packages, url, key, model] = process.argv.slice(2);
const OpenAI = createRequire(`${packages}/`)("openai").OpenAI;
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const ask = [{ role: "user", content: "What is the weather in Paris? Use get_weather." }];
const tool = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const usage = (of) => ({ input: of.prompt_tokens, output: of.completion_tokens });
const seen = {};

const whole = await client.chat.completions.create({ model, messages: [{ role: "user", content: "Say hi." }] });
seen.chat = {
  text: whole.choices[0].message.content,
  finish: whole.choices[0].finish_reason,
  usage: usage(whole.usage),
  request_id: whole._request_id,
};

const runner = client.chat.completions.stream({
  model,
  messages: [{ role: "user", content: "Count to three." }],
  stream_options: { include_usage: true },
});
let said = "";
runner.on("content", (delta) => (said += delta));
const streamed = await runner.finalChatCompletion();
seen.stream = {
  text: said,
  same: said === streamed.choices[0].message.content,
  finish: streamed.choices[0].finish_reason,
  usage: usage(streamed.usage),
};

const called = await client.chat.completions
  .stream({ model, messages: ask, tools: [tool], tool_choice: "required" })
  .finalChatCompletion();
const message = called.choices[0].message;
const call = message.tool_calls[0];
seen.tool = { name: call.function.name, arguments: JSON.parse(call.function.arguments) };
const answer = await client.chat.completions.create({
  model,
  messages: [...ask, message, { role: "tool", tool_call_id: call.id, content: "It is 21 degrees." }],
  tools: [tool],
});
seen.result = { text: answer.choices[0].message.content, finish: answer.choices[0].finish_reason };

seen.models = (await client.models.list()).data.some((each) => each.id === model);
seen.error = await client.chat.completions
  .create({ model: "no-such-model", messages: ask })
  .then(() => null, (error) => ({ kind: error.constructor.name, status: error.status, request_id: error.requestID }));
console.log(JSON.stringify(seen));
