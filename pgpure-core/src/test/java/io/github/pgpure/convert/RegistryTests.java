package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import io.github.pgpure.protocol.Format;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RegistryTests {

    enum Mood {
        HAPPY,
        SAD
    }

    private static final int MOOD = 16389;
    private static final int MOODS = 16388;
    private static final int HSTORE = 16410;

    private final Codecs codecs = new Codecs();
    private final List<String> queries = new ArrayList<>();

    private List<String[]> answer(String sql) {
        queries.add(sql);
        return List.of(
                new String[] {"16388", "public", "_mood", "a", "16389", ",", "t", null, null},
                new String[] {"16389", "public", "mood", "e", "0", ",", "t", "happy", "0"},
                new String[] {"16389", "public", "mood", "e", "0", ",", "t", "sad", "0"},
                new String[] {"16397", "public", "posint", "d", "23", ",", "t", null, null},
                new String[] {"16410", "public", "hstore", "b", "0", ",", "t", null, null},
                new String[] {"16500", "app", "strange", "b", "0", ",", "f", null, null});
    }

    private void resolve() {
        codecs.registry.resolve(new int[] {MOOD, MOODS, 16397, HSTORE, 16500, 23, 99999}, this::answer);
    }

    @Test
    void builtInTypesNeedNoQuery() {
        codecs.registry.resolve(new int[] {16, 23, 1007, 1700, 3802, 1184, 2950, 1009}, this::answer);
        assertThat(queries).isEmpty();
    }

    @Test
    void asksOnceForAllThatIsUnknown() {
        resolve();
        resolve();
        assertThat(queries).hasSize(1);
        assertThat(queries.get(0)).contains("{16389,16388,16397,16410,16500,99999}");
    }

    @Test
    void aSnapshotChangesOnlyWhenSomethingIsNew() {
        resolve();
        TypeRegistry.Snapshot before = codecs.registry.snapshot();
        resolve();
        assertThat(codecs.registry.snapshot()).isSameAs(before);
        codecs.registry.add(EnumConverter.of(TypeName.of("mood"), Mood.class));
        assertThat(codecs.registry.snapshot()).isNotSameAs(before);
        assertThat(before.codec(MOOD).defaultJavaType()).isEqualTo(String.class);
    }

    @Test
    void whatNobodyKnowsArrivesAsText() {
        resolve();
        assertThat(codecs.codec(16500).format()).isEqualTo(Format.TEXT);
        assertThat(codecs.codec(16500).typeName()).isEqualTo("app.strange");
        assertThat(codecs.decodeText(16500, "anything")).isEqualTo("anything");
        assertThat(codecs.decodeText(99999, "gone")).isEqualTo("gone");
    }

    @Test
    void anEnumIsAStringUntilSomebodyAsksForMore() {
        resolve();
        assertThat(codecs.decodeText(MOOD, "happy")).isEqualTo("happy");
        assertThat(codecs.decodeText(MOOD, "happy", Mood.class)).isEqualTo(Mood.HAPPY);
        assertThat(codecs.encode(MOOD, "sad")).isEqualTo("736164");
        assertThat(codecs.encode(MOOD, Mood.SAD)).isEqualTo("736164");
        assertThat(codecs.decodeText(MOODS, "{sad,happy}", Mood[].class)).containsExactly(Mood.SAD, Mood.HAPPY);
    }

    @Test
    void anEnumConverterAlsoConvertsArrays() {
        codecs.registry.add(EnumConverter.of(TypeName.of("mood"), Mood.class));
        resolve();
        assertThat(codecs.decodeText(MOOD, "happy")).isEqualTo(Mood.HAPPY);
        assertThat(codecs.decodeText(MOODS, "{sad,NULL}")).asList().containsExactly(Mood.SAD, null);
        assertThat(codecs.encode(MOODS, List.of(Mood.SAD)))
                .isEqualTo("0000000100000001" + "00004005" + "0000000100000001" + "00000003736164");
        assertThat(codecs.decodeText(MOOD, "happy", String.class)).isEqualTo("happy");
        assertThatThrownBy(() -> codecs.decodeText(MOOD, "furious"))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("mood")
                .hasMessageContaining("HAPPY, SAD")
                .hasMessageNotContaining("furious");
    }

    @Test
    void aDomainIsItsBaseTypeUnderItsOwnOid() {
        resolve();
        assertThat(codecs.codec(16397).oid()).isEqualTo(16397);
        assertThat(codecs.decode(16397, "00000007")).isEqualTo(7);
    }

    @Test
    void hstoreIsAMapThatKeepsNulls() {
        resolve();
        Map<String, String> map = new LinkedHashMap<>();
        map.put("a", "1");
        map.put("b", null);
        String hex = "00000002000000016100000001310000000162ffffffff";
        assertThat(codecs.decode(HSTORE, hex)).isEqualTo(map);
        assertThat(codecs.encode(HSTORE, map)).isEqualTo(hex);
        assertThat(codecs.decode(HSTORE, hex, String.class)).isEqualTo("\"a\"=>\"1\", \"b\"=>NULL");
        assertThat(codecs.decodeText(HSTORE, "\"a\"=>\"1\", \"b\"=>NULL")).isEqualTo(map);
    }

    private record Upper(TypeName type) implements Converter<StringBuilder> {
        @Override
        public Class<StringBuilder> javaType() {
            return StringBuilder.class;
        }

        @Override
        public StringBuilder fromPostgres(ConversionContext context, String value) {
            return new StringBuilder(value.toUpperCase(java.util.Locale.ROOT));
        }

        @Override
        public String toPostgres(ConversionContext context, StringBuilder value) {
            return value.toString();
        }
    }

    @Test
    void aConverterMayNameItsTypeAsSqlDoes() {
        codecs.registry.add(new Upper(TypeName.of("character varying")));
        codecs.registry.add(new Upper(TypeName.ofOid(25)));
        codecs.registry.add(new Upper(TypeName.of("pg_catalog.name")));
        codecs.registry.add(new Upper(TypeName.of("public.bool")));
        for (int oid : new int[] {1043, 25, 19}) {
            assertThat(codecs.decodeText(oid, "x")).hasToString("X");
            assertThat(codecs.codec(oid).format()).isEqualTo(Format.TEXT);
        }
        assertThat(codecs.decodeText(16, "t")).isEqualTo(true);
        assertThat(codecs.decodeText(1009, "{x}")).asList().first().hasToString("X");
        assertThat(codecs.codec(1009).format()).isEqualTo(Format.TEXT);
    }

    @Test
    void aTypeOutsideTheSearchPathNeedsItsSchema() {
        codecs.registry.add(new Upper(TypeName.of("strange")));
        resolve();
        assertThat(codecs.decodeText(16500, "x")).isEqualTo("x");
        codecs.registry.add(new Upper(TypeName.of("app.strange")));
        assertThat(codecs.decodeText(16500, "x")).hasToString("X");
    }

    @Test
    void aLaterConverterReplacesAnEarlierOne() {
        codecs.registry.add(new Upper(TypeName.of("mood")));
        codecs.registry.add(EnumConverter.of(TypeName.of("mood"), Mood.class));
        resolve();
        assertThat(codecs.decodeText(MOOD, "sad")).isEqualTo(Mood.SAD);
        codecs.registry.add(new Upper(TypeName.of("mood")));
        assertThat(codecs.decodeText(MOOD, "sad")).hasToString("SAD");
    }

    @Test
    void findsAnOidByAQuotedName() {
        var oid = codecs.registry.findOid("it's \\ odd", sql -> {
            queries.add(sql);
            return List.<String[]>of(new String[] {"4294967295"});
        });
        assertThat(oid).hasValue(-1);
        assertThat(queries).containsExactly("select pg_catalog.to_regtype(E'it''s \\\\ odd')::pg_catalog.oid");
        assertThat(codecs.registry.findOid("x", sql -> List.<String[]>of(new String[] {null})))
                .isEmpty();
    }

    @Test
    void errorsNameTypesAndNotValues() {
        assertThatThrownBy(() -> codecs.encode(23, "4711x"))
                .isInstanceOfSatisfying(
                        ConversionException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT))
                .hasMessageContaining("int4")
                .hasMessageContaining("java.lang.String")
                .hasMessageNotContaining("4711");
        assertThatThrownBy(() -> codecs.encode(2950, 4711))
                .hasMessage("cannot send java.lang.Integer as uuid: use UUID");
        assertThatThrownBy(() -> codecs.decode(23, "00000001", java.util.UUID.class))
                .isInstanceOfSatisfying(
                        ConversionException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN))
                .hasMessageStartingWith("cannot read int4 as java.util.UUID: use Integer, Long");
    }

    @Test
    void vectorIsAnArrayOfFloats() {
        codecs.registry.resolve(
                new int[] {70000},
                sql -> List.<String[]>of(new String[] {"70000", "public", "vector", "b", "0", ",", "t", null, null}));
        String hex = "00030000" + "3f800000" + "40200000" + "c0000000";
        assertThat(codecs.decode(70000, hex)).isEqualTo(new float[] {1, 2.5f, -2});
        assertThat(codecs.decode(70000, hex, double[].class)).containsExactly(1, 2.5, -2);
        assertThat(codecs.decode(70000, hex, String.class)).isEqualTo("[1,2.5,-2]");
        assertThat(codecs.decodeText(70000, "[1,2.5,-2]")).isEqualTo(new float[] {1, 2.5f, -2});
        assertThat(codecs.encode(70000, new float[] {1, 2.5f, -2})).isEqualTo(hex);
        assertThat(codecs.encode(70000, List.of(1, 2.5, -2L))).isEqualTo(hex);
    }

    @Test
    void manyThatSeeATypeAtOnceAskOnce() throws Exception {
        TypeRegistry registry = new TypeRegistry(Duration.ofMinutes(1));
        int count = 8;
        List<Thread> threads = new CopyOnWriteArrayList<>();
        var asked = new AtomicInteger();
        ExecutorService executor = Executors.newFixedThreadPool(count, work -> {
            Thread thread = new Thread(work);
            threads.add(thread);
            return thread;
        });
        try {
            List<Future<TypeRegistry.Snapshot>> answers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                answers.add(executor.submit(() -> registry.resolve(new int[] {MOOD}, sql -> {
                    asked.incrementAndGet();
                    Thread asking = Thread.currentThread();
                    // The answer comes when all the others wait for it.
                    await().until(() -> threads.stream()
                                    .filter(thread -> thread != asking)
                                    .filter(thread -> thread.getState() == Thread.State.TIMED_WAITING)
                                    .count()
                            >= count - 1);
                    return answer(sql);
                })));
            }
            for (Future<TypeRegistry.Snapshot> answer : answers) {
                assertThat(answer.get().codec(MOOD)).isNotNull();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void aQueryThatHangsIsReplacedByOne() throws Exception {
        TypeRegistry registry = new TypeRegistry(Duration.ofSeconds(1));
        var asking = new CountDownLatch(1);
        var hangsUntil = new CountDownLatch(1);
        var asked = new AtomicInteger();
        ExecutorService executor = Executors.newFixedThreadPool(6);
        try {
            Future<?> hanging = executor.submit(() -> registry.resolve(new int[] {MOOD}, sql -> {
                asking.countDown();
                try {
                    hangsUntil.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                throw new IllegalStateException("the connection is lost");
            }));
            asking.await();
            List<Future<TypeRegistry.Snapshot>> others = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                others.add(executor.submit(() -> registry.resolve(new int[] {MOOD}, sql -> {
                    asked.incrementAndGet();
                    return answer(sql);
                })));
            }
            for (Future<TypeRegistry.Snapshot> other : others) {
                assertThat(other.get().codec(MOOD)).isNotNull();
            }
            hangsUntil.countDown();
            assertThatThrownBy(hanging::get).hasRootCauseMessage("the connection is lost");
        } finally {
            executor.shutdownNow();
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void nobodyWaitsBeyondHisOwnLimitOrAnInterrupt() throws Exception {
        TypeRegistry registry = new TypeRegistry(Duration.ofHours(1));
        var asking = new CountDownLatch(1);
        var hangsUntil = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<?> hanging = executor.submit(() -> registry.resolve(new int[] {MOOD}, sql -> {
                asking.countDown();
                try {
                    hangsUntil.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return answer(sql);
            }));
            asking.await();
            // Whose time is over asks, so that its own wait for the server ends as any wait does.
            assertThatThrownBy(() -> registry.resolve(
                            new int[] {MOOD},
                            sql -> {
                                throw new IllegalStateException("the deadline has passed");
                            },
                            Duration.ofMillis(10).toNanos()))
                    .hasMessage("the deadline has passed");
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> registry.resolve(new int[] {MOOD}, sql -> {
                        throw new IllegalStateException(
                                "interrupted: " + Thread.currentThread().isInterrupted());
                    }))
                    .hasMessage("interrupted: true");
            assertThat(Thread.interrupted()).isTrue();
            hangsUntil.countDown();
            hanging.get();
            assertThat(registry.snapshot().codec(MOOD)).isNotNull();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void whoWaitsForAnotherThatFailsAsksForItself() throws Exception {
        var asking = new CountDownLatch(1);
        var mayFail = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<?> failing = executor.submit(() -> codecs.registry.resolve(new int[] {MOOD}, sql -> {
                asking.countDown();
                try {
                    mayFail.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                throw new IllegalStateException("the connection is lost");
            }));
            asking.await();
            // It does not fail before this one has lost its patience.
            resolve();
            mayFail.countDown();
            assertThat(codecs.decodeText(MOOD, "happy")).isEqualTo("happy");
            assertThatThrownBy(failing::get).hasRootCauseMessage("the connection is lost");
        } finally {
            executor.shutdownNow();
        }
    }
}
