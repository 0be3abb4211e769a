#!/usr/bin/env escript
%% Benchmarks of the Savina suite with plain processes, each with a checked result: prints how many nanoseconds one took.
%%
%% escript savina.escript NAME
-module(savina).
-mode(compile).

-export([main/1]).

main([Name]) ->
    %% The first run loads what it calls.
    Run = list_to_existing_atom(Name),
    ok = run(Run, small),
    erlang:garbage_collect(),
    Begin = erlang:monotonic_time(nanosecond),
    ok = run(Run, savina),
    io:format("~b~n", [erlang:monotonic_time(nanosecond) - Begin]).

of_scale(small, Small, _) -> Small;
of_scale(savina, _, Savina) -> Savina.

%% Asks and waits, as a library would: with a reference, by which the answer is found at once.
ask(Pid, What) ->
    Ref = make_ref(),
    Pid ! {What, self(), Ref},
    receive {Ref, Answer} -> Answer end.

answer(From, Ref, Answer) -> From ! {Ref, Answer}.

run(pingpong, Scale) ->
    Pings = of_scale(Scale, 500, 40000),
    Pong = spawn_link(fun() -> pong(0) end),
    Ping = spawn_link(fun() -> receive {play, From, Ref} -> answer(From, Ref, ping(Pong, Pings, 0)) end end),
    Pings = ask(Ping, play),
    stop(Pong);
run(count, Scale) ->
    Messages = of_scale(Scale, 5000, 1000000),
    Counter = spawn_link(fun() -> counter(0) end),
    Producer = spawn_link(fun() ->
        receive {produce, From, Ref} ->
            repeat(Messages, fun() -> Counter ! increment end),
            answer(From, Ref, ask(Counter, count))
        end
    end),
    Messages = ask(Producer, produce),
    stop(Counter);
run(fjthrput, Scale) ->
    {Actors, Messages} = of_scale(Scale, {10, 200}, {60, 10000}),
    Workers = [spawn_link(fun() -> worker(0, 0.0) end) || _ <- lists:seq(1, Actors)],
    repeat(Messages, fun() -> [Worker ! {compute, 37.2} || Worker <- Workers] end),
    Done = ask_all([{Worker, close} || Worker <- Workers]),
    true = lists:all(fun({Count, _}) -> Count =:= Messages end, Done),
    ok;
run(fjcreate, Scale) ->
    Actors = of_scale(Scale, 500, 40000),
    Tasks = [{spawn_link(fun task/0), {compute, float(N)}} || N <- lists:seq(0, Actors - 1)],
    Computed = ask_all(Tasks),
    true = Computed =:= [math:sin(float(N)) || N <- lists:seq(0, Actors - 1)],
    ok;
run(threadring, Scale) ->
    {Actors, Hops} = of_scale(Scale, {10, 1234}, {100, 100000}),
    First = spawn_link(fun() -> receive {next, Next} -> node(0, Next) end end),
    Second = lists:foldl(fun(Place, Next) -> spawn_link(fun() -> node(Place, Next) end) end,
        First, lists:seq(Actors - 1, 1, -1)),
    First ! {next, Second},
    Ref = make_ref(),
    First ! {pass, Hops, self(), Ref},
    Place = receive {Ref, Answer} -> Answer end,
    Place = Hops rem Actors,
    First ! cut,
    ok;
run(chameneos, Scale) ->
    {Creatures, Meetings} = of_scale(Scale, {10, 500}, {100, 200000}),
    Mall = spawn_link(fun() -> mall(Meetings, none) end),
    Lives = ask_all([{spawn_link(fun() -> creature(Mall) end), {live, N rem 3}} || N <- lists:seq(0, Creatures - 1)]),
    true = lists:sum(Lives) =:= 2 * Meetings,
    stop(Mall);
run(big, Scale) ->
    {Actors, Pings} = of_scale(Scale, {12, 50}, {120, 20000}),
    All = [spawn_link(fun() -> pinger(N) end) || N <- lists:seq(0, Actors - 1)],
    Right = ask_all([{Pid, {play, list_to_tuple(All), Pings}} || Pid <- All]),
    true = lists:all(fun(Count) -> Count =:= Pings end, Right),
    Answered = lists:sum(ask_all([{Pid, answered} || Pid <- All])),
    Answered = Actors * Pings,
    ok;
run(concdict, Scale) ->
    {Workers, Operations, Keys} = of_scale(Scale, {5, 200, 10}, {20, 10000, 500}),
    Dictionary = spawn_link(fun() -> dictionary(#{}) end),
    Wrong = ask_all([{spawn_link(fun() -> reader(N, Workers, Keys, Dictionary) end), {work, Operations}}
        || N <- lists:seq(0, Workers - 1)]),
    0 = lists:sum(Wrong),
    stop(Dictionary);
run(banking, Scale) ->
    {Accounts, Payments, AtOnce} = of_scale(Scale, {10, 1000, 100}, {1000, 50000, 1000}),
    All = list_to_tuple([spawn_link(fun() -> account(0) end) || _ <- lists:seq(1, Accounts)]),
    Teller = spawn_link(fun() ->
        receive {transact, From, Ref} -> answer(From, Ref, transact(All, rand(123456), Payments, AtOnce, 0)) end
    end),
    done = ask(Teller, transact),
    0 = lists:sum(ask_all([{Pid, close} || Pid <- tuple_to_list(All)])),
    ok;
run(fib, Scale) ->
    {N, Expected} = of_scale(Scale, {12, 144}, {25, 75025}),
    Expected = ask(spawn_link(fun number/0), {compute, N}),
    ok.

%% All are asked before the first answer is waited for.
ask_all(Questions) ->
    Refs = [begin Ref = make_ref(), Pid ! {What, self(), Ref}, Ref end || {Pid, What} <- Questions],
    [receive {Ref, Answer} -> Answer end || Ref <- Refs].

stop(Pid) ->
    unlink(Pid),
    exit(Pid, kill),
    ok.

repeat(0, _) -> ok;
repeat(N, Do) -> Do(), repeat(N - 1, Do).

pong(Pings) ->
    receive {ping, From, Ref} -> answer(From, Ref, Pings + 1), pong(Pings + 1) end.

ping(_, 0, Last) -> Last;
ping(Pong, Left, _) -> ping(Pong, Left - 1, ask(Pong, ping)).

counter(Count) ->
    receive
        increment -> counter(Count + 1);
        {count, From, Ref} -> answer(From, Ref, Count), counter(Count)
    end.

worker(Done, Sum) ->
    receive
        {compute, Theta} -> worker(Done + 1, Sum + math:sin(Theta));
        {close, From, Ref} -> answer(From, Ref, {Done, Sum})
    end.

task() ->
    receive {{compute, Theta}, From, Ref} -> answer(From, Ref, math:sin(Theta)) end.

node(Place, Next) ->
    receive
        {pass, 0, From, Ref} -> answer(From, Ref, Place), node(Place, Next);
        {pass, Hops, From, Ref} -> Next ! {pass, Hops - 1, From, Ref}, node(Place, Next);
        cut when Place =:= 0 -> Next ! cut, receive cut -> ok end;
        cut -> Next ! cut
    end.

mall(Left, Waiting) ->
    receive
        {{meet, _}, From, Ref} when Left =:= 0 -> answer(From, Ref, closed), mall(0, none);
        {{meet, Colour}, From, Ref} ->
            case Waiting of
                none -> mall(Left, {Colour, From, Ref});
                {Other, First, FirstRef} ->
                    answer(First, FirstRef, Colour),
                    answer(From, Ref, Other),
                    mall(Left - 1, none)
            end
    end.

creature(Mall) ->
    receive {{live, Colour}, From, Ref} -> answer(From, Ref, live(Mall, Colour, 0)) end.

live(Mall, Colour, Met) ->
    case ask(Mall, {meet, Colour}) of
        closed -> Met;
        Colour -> live(Mall, Colour, Met + 1);
        Other -> live(Mall, 3 - Colour - Other, Met + 1)
    end.

%% While it waits for a pong it answers pings.
pinger(Place) -> pinger(Place, 0).

pinger(Place, Answered) ->
    receive
        {ping, From, Ref} -> answer(From, Ref, Place), pinger(Place, Answered + 1);
        {{play, All, Pings}, From, Ref} ->
            {Right, More} = play(Place, All, Pings, rand(Place), 0, Answered),
            answer(From, Ref, Right),
            pinger(Place, More);
        {answered, From, Ref} -> answer(From, Ref, Answered)
    end.

play(_, _, 0, _, Right, Answered) -> {Right, Answered};
play(Place, All, Left, Random, Right, Answered) ->
    {Target, Next} = below(tuple_size(All), Random),
    Ref = make_ref(),
    element(Target + 1, All) ! {ping, self(), Ref},
    {Pong, More} = await(Ref, Place, Answered),
    Is = case Pong of Target -> 1; _ -> 0 end,
    play(Place, All, Left - 1, Next, Right + Is, More).

await(Ref, Place, Answered) ->
    receive
        {Ref, Pong} -> {Pong, Answered};
        {ping, From, Other} -> answer(From, Other, Place), await(Ref, Place, Answered + 1)
    end.

dictionary(Entries) ->
    receive
        {{get, Key}, From, Ref} -> answer(From, Ref, maps:get(Key, Entries, none)), dictionary(Entries);
        {{put, Key, Value}, From, Ref} ->
            answer(From, Ref, maps:get(Key, Entries, none)),
            dictionary(Entries#{Key => Value})
    end.

reader(Id, Workers, Keys, Dictionary) ->
    receive {{work, Operations}, From, Ref} ->
        answer(From, Ref, work(Operations, Id, Workers, Keys, Dictionary, rand(Id), #{}, 0))
    end.

work(0, _, _, _, _, _, _, Wrong) -> Wrong;
work(Left, Id, Workers, Keys, Dictionary, Random, Known, Wrong) ->
    {Number, Random2} = below(Keys, Random),
    {Percent, Random3} = below(100, Random2),
    Key = Number * Workers + Id,
    Before = maps:get(Key, Known, none),
    {Found, Now} = case Percent < 10 of
        true -> {ask(Dictionary, {put, Key, Left}), Known#{Key => Left}};
        false -> {ask(Dictionary, {get, Key}), Known}
    end,
    Is = case Found of Before -> 0; _ -> 1 end,
    work(Left - 1, Id, Workers, Keys, Dictionary, Random3, Now, Wrong + Is).

%% Whoever pays passes the call on, and whoever gets the money answers it.
account(Balance) ->
    receive
        {{pay, To, Amount}, From, Ref} -> To ! {{deposit, Amount}, From, Ref}, account(Balance - Amount);
        {{deposit, Amount}, From, Ref} -> answer(From, Ref, done), account(Balance + Amount);
        {close, From, Ref} -> answer(From, Ref, Balance)
    end.

transact(_, _, 0, _, 0) -> done;
transact(Accounts, Random, Left, Room, Flying) when Left > 0, Room > 0 ->
    Count = tuple_size(Accounts),
    {From, Random2} = below(Count, Random),
    {Distance, Random3} = below(Count - 1, Random2),
    {Amount, Random4} = below(1000, Random3),
    To = (From + 1 + Distance) rem Count,
    element(From + 1, Accounts) ! {{pay, element(To + 1, Accounts), Amount}, self(), paid},
    transact(Accounts, Random4, Left - 1, Room - 1, Flying + 1);
transact(Accounts, Random, Left, Room, Flying) ->
    receive {paid, done} -> transact(Accounts, Random, Left, Room + 1, Flying - 1) end.

number() ->
    receive {{compute, N}, From, Ref} -> answer(From, Ref, fib(N)) end.

fib(N) when N =< 2 -> 1;
fib(N) ->
    [One, Other] = ask_all([{spawn_link(fun number/0), {compute, N - Less}} || Less <- [1, 2]]),
    One + Other.

%% Numbers that look random, within what is no big number.
rand(Seed) -> (Seed * 2654435761 + 12345) band 16#7fffffff.

below(N, State) ->
    Next = (State * 1103515245 + 12345) band 16#7fffffff,
    {(Next bsr 8) rem N, Next}.
