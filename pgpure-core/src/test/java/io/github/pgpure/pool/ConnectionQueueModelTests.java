package io.github.pgpure.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.ActionChainArbitrary;
import net.jqwik.api.state.Transformer;
import net.jqwik.api.statistics.Statistics;

/**
 * The state machine of pool entries, as a property: whatever is done with the queue and its members, in whatever order, it agrees with a model
 * that is too simple to be wrong ({@link QueueModel}). What does not is shrunk to the few actions that it takes.
 */
class ConnectionQueueModelTests {

    private static final int ACTIONS = 120;

    /** So that uses are short and long, and waiters young and old. */
    private static final long[] STEP_NANOS = {0, 1_000, 4_000, 40_000, 400_000};

    /** What is chosen among the actions' arguments, which are taken modulo the number of what there is. */
    private static final int LARGEST = 7;

    private static final Predicate<QueueModel> ALWAYS = model -> true;

    @Property(tries = 1_000, shrinking = ShrinkingMode.BOUNDED)
    void queueAndModelAgree(@ForAll("sequences") ActionChain<QueueModel> actions) {
        actions.withInvariant(QueueModel::check).run();
        Statistics.label("at least 50 actions")
                .collect(actions.transformations().size() >= 50)
                .coverage(coverage -> coverage.check(true).percentage(percent -> percent > 99));
    }

    private static final ActionChainArbitrary<QueueModel> SEQUENCES = sequencesOfAll();

    @Provide
    ActionChainArbitrary<QueueModel> sequences() {
        return SEQUENCES;
    }

    private static ActionChainArbitrary<QueueModel> sequencesOfAll() {
        return ActionChain.startWith(QueueModel::new)
                .withMaxTransformations(ACTIONS)
                .withAction(2, action("poll", ALWAYS, (model, n) -> model.poll()))
                .withAction(6, action("enter", ALWAYS, (model, n) -> model.enter(n == 0)))
                .withAction(4, action("release", QueueModel::anyActive, QueueModel::release))
                .withAction(2, action("leave", QueueModel::anyWaiting, QueueModel::leave))
                .withAction(3, action("answer the call", QueueModel::anyCalled, (model, n) -> model.answerCall()))
                .withAction(3, action("claim openings", ALWAYS, (model, n) -> model.claimOpenings(n + 1, n % 2 == 0)))
                .withAction(1, action("claim one opening", ALWAYS, (model, n) -> model.claimOpening()))
                .withAction(4, action("end an opening", QueueModel::anyOpening, (model, n) -> model.endOpening(n > 1)))
                .withAction(1, action("share", QueueModel::anyActive, QueueModel::share))
                .withAction(2, action("set aside", QueueModel::anyActive, QueueModel::setAside))
                .withAction(1, action("refuse", QueueModel::anyActive, QueueModel::refuse))
                .withAction(2, action("offer", QueueModel::anyAside, QueueModel::offer))
                .withAction(1, action("remove one aside", QueueModel::anyAside, QueueModel::removeAside))
                .withAction(1, action("remove one in use", QueueModel::anyActive, QueueModel::removeActive))
                .withAction(2, action("take an idle one", QueueModel::anyIdle, QueueModel::takeIdle))
                .withAction(1, action("use one that has gone", QueueModel::anyGone, QueueModel::useGone))
                .withAction(1, action("misuse", ALWAYS, QueueModel::misuse))
                .withAction(1, action("resize", ALWAYS, (model, n) -> model.resize(1 + n % 6, n / 2 % (1 + n % 6))))
                .withAction(1, action("suspend", ALWAYS, (model, n) -> model.suspend()))
                .withAction(3, action("resume", ALWAYS, (model, n) -> model.resume()))
                .withAction(1, action("fail those who wait", ALWAYS, (model, n) -> model.failWaitersIfEmpty()))
                .withAction(1, action("close", model -> model.steps() > ACTIONS * 2 / 3, (model, n) -> model.close()));
    }

    private static Action<QueueModel> action(
            String name, Predicate<QueueModel> precondition, BiConsumer<QueueModel, Integer> act) {
        List<Transformer<QueueModel>> transformers = new ArrayList<>();
        for (long nanos : STEP_NANOS) {
            for (int n = 0; n <= LARGEST; n++) {
                int choice = n;
                transformers.add(Transformer.mutate(name + " " + n + ", " + nanos + " ns later", model -> {
                    model.timePasses(nanos);
                    act.accept(model, choice);
                }));
            }
        }
        // Always the same one: the engine remembers what it has made of it.
        Arbitrary<Transformer<QueueModel>> transformer = Arbitraries.of(transformers);
        return new Action.Independent<>() {
            @Override
            public boolean precondition(QueueModel model) {
                return precondition.test(model);
            }

            @Override
            public Arbitrary<Transformer<QueueModel>> transformer() {
                return transformer;
            }
        };
    }
}
