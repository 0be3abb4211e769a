#!/usr/bin/env escript
%% How soon a gen_server that waits for a slow call of another one says how it is: nanoseconds of each answer, a line for each way.
%%
%% escript status.escript ASKS DEAF_ASKS SLOW_MS
-module(status).
-behaviour(gen_server).
-mode(compile).

-export([main/1, init/1, handle_call/3, handle_cast/2, handle_info/2]).

main(Args) ->
    [Asks, DeafAsks, Slow] = [list_to_integer(Arg) || Arg <- Args],
    print("deaf", run(work_alone, DeafAsks, Slow)),
    print("later", run(work, Asks, Slow)).

print(Name, Times) ->
    io:put_chars([Name, [[" ", integer_to_list(Time)] || Time <- Times], "\n"]).

run(Work, Asks, Ms) ->
    {ok, Slow} = gen_server:start_link(?MODULE, {slow, Ms}, []),
    {ok, Busy} = gen_server:start_link(?MODULE, {busy, Slow, 0, none}, []),
    Worker = spawn_link(fun() -> work(Busy, Work) end),
    _ = ask(Busy, Asks div 100),
    Times = ask(Busy, Asks),
    unlink(Worker),
    exit(Worker, kill),
    Times.

work(Busy, Work) ->
    _ = gen_server:call(Busy, Work, infinity),
    work(Busy, Work).

ask(_, 0) ->
    [];
ask(Busy, N) ->
    Begin = erlang:monotonic_time(nanosecond),
    _ = gen_server:call(Busy, status, infinity),
    [erlang:monotonic_time(nanosecond) - Begin | ask(Busy, N - 1)].

init(State) ->
    {ok, State}.

handle_call(call, _, {slow, Ms} = State) ->
    timer:sleep(Ms),
    {reply, 1, State};
handle_call(status, _, {busy, _, Done, _} = State) ->
    {reply, Done, State};
handle_call(work_alone, _, {busy, Slow, Done, none}) ->
    More = Done + gen_server:call(Slow, call, infinity),
    {reply, More, {busy, Slow, More, none}};
%% The answer comes as a message, and whoever asked is kept until then.
handle_call(work, From, {busy, Slow, Done, none}) ->
    {noreply, {busy, Slow, Done, {gen_server:send_request(Slow, call), From}}}.

handle_cast(_, State) ->
    {noreply, State}.

handle_info(Message, {busy, Slow, Done, {Request, From}}) ->
    {reply, More} = gen_server:check_response(Message, Request),
    gen_server:reply(From, Done + More),
    {noreply, {busy, Slow, Done + More, none}}.
