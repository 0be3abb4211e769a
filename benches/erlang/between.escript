#!/usr/bin/env escript
%% Calls from one node to a gen_server of another one, by Erlang's distribution: prints the median and the 99th percentile of small calls one
%% after the other in microseconds, small calls a second of many callers, and megabytes a second of large replies.
%%
%% ERL_FLAGS="-start_epmd false -erl_epmd_port PORT" escript between.escript CALLS AT_ONCE MANY BULK READERS REPLIES
-module(between).
-behaviour(gen_server).
-mode(compile).

-export([main/1, init/1, handle_call/3, handle_cast/2]).

-define(SERVER, {between, 'between_server@127.0.0.1'}).

main(["serve"]) ->
    {ok, _} = net_kernel:start('between_server@127.0.0.1', #{name_domain => longnames}),
    {ok, _} = gen_server:start_link({local, between}, ?MODULE, none, []),
    %% Until whoever has started it is no more.
    io:format("ready~n"),
    eof = io:get_line("");
main(Args) ->
    [Calls, AtOnce, Many, Bulk, Readers, Replies] = [list_to_integer(Arg) || Arg <- Args],
    Server = start_server(),
    %% It listens nowhere: the port is the server's.
    {ok, _} = net_kernel:start('between_client@127.0.0.1', #{name_domain => longnames, dist_listen => false}),
    _ = [echo() || _ <- lists:seq(1, 200)],
    Times = lists:sort([element(1, timed(fun echo/0)) || _ <- lists:seq(1, Calls)]),
    At = fun(Part) -> lists:nth(trunc((Calls - 1) * Part) + 1, Times) / 1000 end,
    Small = shared_out(Many, AtOnce, fun echo/0),
    Large = shared_out(Replies, Readers, fun() -> Bulk = byte_size(gen_server:call(?SERVER, {bulk, Bulk})) end),
    io:format("~.3f ~.3f ~.3f ~.3f~n", [At(0.5), At(0.99), Many * 1.0e9 / Small, Replies * Bulk * 1.0e3 / Large]),
    port_close(Server).

echo() ->
    Small = <<7:512>>,
    Small = gen_server:call(?SERVER, {echo, Small}).

timed(Work) ->
    Begin = erlang:monotonic_time(nanosecond),
    Result = Work(),
    {erlang:monotonic_time(nanosecond) - Begin, Result}.

%% How long so many workers take together for all calls.
shared_out(All, Workers, Call) ->
    Left = atomics:new(1, []),
    ok = atomics:put(Left, 1, All),
    Work = fun() ->
        Running = [spawn_monitor(fun() -> work(Left, Call) end) || _ <- lists:seq(1, Workers)],
        [receive {'DOWN', Ref, process, Pid, Why} -> normal = Why end || {Pid, Ref} <- Running]
    end,
    element(1, timed(Work)).

work(Left, Call) ->
    case atomics:sub_get(Left, 1, 1) of
        More when More >= 0 -> Call(), work(Left, Call);
        _ -> ok
    end.

%% This script again, in an emulator of its own.
start_server() ->
    Escript = os:find_executable("escript"),
    Server = open_port({spawn_executable, Escript}, [{args, [escript:script_name(), "serve"]}, {line, 80}]),
    receive {Server, {data, {eol, "ready"}}} -> Server after 10000 -> error(no_server) end.

init(State) ->
    {ok, State}.

handle_call({echo, Bytes}, _, State) ->
    {reply, Bytes, State};
handle_call({bulk, Size}, _, State) ->
    {reply, binary:copy(<<1>>, Size), State}.

handle_cast(_, State) ->
    {noreply, State}.
