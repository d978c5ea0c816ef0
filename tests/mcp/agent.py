"""An agent program: the official Python MCP client, told by a test what to do.

Usage: agent.py COMMAND [ARG…], which starts the server over stdio. Then one JSON request per
line on standard input, one JSON answer per line on standard output:

    {"list": true}                          → {"info": …, "instructions": …, "tools": […]}
    {"call": "recall", "with": {…}}         → {"error": bool, "text": …, "body": …}
    {"run": ["program", "argument"…]}       → {"code": …, "out": …, "err": …}

`run` starts a program below this one, as an agent with a shell does. The client offers to be
asked for input (elicitation) and says yes to everything: nothing may come of that.
"""

import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client

elicited = []


async def say_yes(_context, params):
    elicited.append(params.message)
    return types.ElicitResult(action="accept", content={"allow": True})


async def listed(session, greeting):
    tools = []
    cursor = None
    while True:
        params = types.PaginatedRequestParams(cursor=cursor) if cursor else None
        page = await session.list_tools(params=params)
        tools += [tool.model_dump(mode="json", exclude_none=True, by_alias=True) for tool in page.tools]
        cursor = page.next_cursor
        if not cursor:
            break
    info = greeting.server_info
    return {"info": [info.name, info.title], "instructions": greeting.instructions, "tools": tools}


async def called(session, name, arguments):
    result = await session.call_tool(name, arguments)
    texts = [block.text for block in result.content if block.type == "text"]
    assert len(texts) == len(result.content) == 1, result
    body = (result.meta or {}).get("tracenet/body")
    assert result.structured_content is None, result
    assert not elicited, elicited
    return {"error": bool(result.is_error), "text": texts[0], "body": body}


async def ran(argv):
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *argv, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )
    out, err = await child.communicate()
    return {"code": child.returncode, "out": out.decode(), "err": err.decode()}


async def main():
    server = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:], env=dict(os.environ))
    async with stdio_client(server) as (read, write):
        async with ClientSession(read, write, elicitation_callback=say_yes) as session:
            greeting = await session.initialize()
            loop = asyncio.get_running_loop()
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                request = json.loads(line)
                if "list" in request:
                    answer = await listed(session, greeting)
                elif "call" in request:
                    answer = await called(session, request["call"], request["with"])
                else:
                    answer = await ran(request["run"])
                print(json.dumps(answer), flush=True)


asyncio.run(main())
