package io.github.pgpure.row;

import static io.github.pgpure.row.FakeRow.columns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pgpure.Column;
import io.github.pgpure.ConversionException;
import io.github.pgpure.RowMapper;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectMappingTests {

    enum Mood {
        sad,
        happy
    }

    record Person(long id, String firstName, Integer age) {}

    record Primitives(int i, long l, short s, double d, float f, boolean b, byte y, char c) {}

    record Wrapped(Optional<String> name, OptionalInt i, OptionalLong l, Optional<Mood> mood) {}

    record Lists(List<String> names, List<Mood> moods, Set<Long> ids, Optional<List<Mood>> maybe, List<?> any) {}

    record Nested(List<List<Mood>> matrix, Mood[] array, Map<String, Object> map, Object object) {}

    record Address(String street, String city) {}

    record Customer(int id, Address address) {}

    record Positive(int n) {
        Positive {
            if (n < 0) {
                throw new IllegalArgumentException("SeCr " + n);
            }
        }
    }

    record Generic<E>(E value, List<? extends Mood> moods) {}

    record Nothing() {}

    static final class OneConstructor {
        private final String text;

        private OneConstructor(int id, String name) {
            text = id + name;
        }
    }

    static class TwoConstructors {
        private final int id;

        public TwoConstructors(int id) {
            this.id = id;
        }

        TwoConstructors(String name, int x) {
            throw new AssertionError("not this one: " + name + x);
        }
    }

    static class Bean {
        private int id;
        private String firstName = "unset";
        private List<Mood> moods = List.of();

        public void setId(int id) {
            this.id = id;
        }

        public void setFirstName(String firstName) {
            this.firstName = firstName;
        }

        public Bean setMoods(List<Mood> moods) {
            this.moods = moods;
            return this;
        }

        public static void setStatic(String ignored) {
            throw new AssertionError("not this one: " + ignored);
        }
    }

    @Test
    void makesRecordsByComponentNames() {
        var row = new FakeRow(columns("first_name", "age", "id"), "Ada", 36, 7L);
        assertThat(row.as(Person.class)).isEqualTo(new Person(7, "Ada", 36));
        assertThat(row.calls).containsExactly("getLong(2)", "get(0, String)", "get(1, Integer)");
    }

    @Test
    void mapperServesManyRows() {
        List<Column> columns = columns("id", "first_name", "age");
        RowMapper<Person> mapper = ObjectMapping.of(Person.class, columns, false);
        for (long i = 0; i < 100; i++) {
            assertThat(mapper.map(new FakeRow(columns, i, "n" + i, null))).isEqualTo(new Person(i, "n" + i, null));
        }
    }

    @ParameterizedTest
    @CsvSource({"firstName", "first_name", "FIRSTNAME", "First_Name", "firstname", "first__name", "FIRST_NAME"})
    void matchesNames(String column) {
        assertThat(new FakeRow(columns("id", column, "age"), 1L, "Ada", 2).as(Person.class))
                .isEqualTo(new Person(1, "Ada", 2));
    }

    @Test
    void exactNameWinsOverCamelCaseOverOthers() {
        assertThat(new FakeRow(columns("FIRSTNAME", "first_name", "firstName", "id", "age"), "a", "b", "c", 1L, 2)
                        .asLenient(Person.class)
                        .firstName())
                .isEqualTo("c");
        assertThat(new FakeRow(columns("FIRSTNAME", "first_name", "first_name", "id", "age"), "a", "b", "c", 1L, 2)
                        .asLenient(Person.class)
                        .firstName())
                .isEqualTo("b");
    }

    @Test
    void columnsThatBelongToNothingAreNamed() {
        var row = new FakeRow(columns("x", "id", "first_name", "y", "age"), "x", 1L, "Ada", "y", 2);
        assertRefused(
                () -> row.as(Person.class),
                "Person does not fit the result: it has no component for the columns [x, y]",
                "select only what it takes, or use asLenient, which ignores them");
        assertThat(row.asLenient(Person.class)).isEqualTo(new Person(1, "Ada", 2));
        var constructed = new FakeRow(columns("name", "id", "x"), "n", 1, 2);
        assertRefused(() -> constructed.as(OneConstructor.class), "no parameter for the columns [x]");
        assertThat(constructed.asLenient(OneConstructor.class).text).isEqualTo("1n");
    }

    @Test
    void aSecondColumnOfOneNameBelongsToNothing() {
        var joined = new FakeRow(columns("id", "first_name", "age", "id"), 1L, "Ada", 2, 7L);
        assertRefused(() -> joined.as(Person.class), "no component for the columns [id (once more)]");
        assertThat(joined.asLenient(Person.class)).isEqualTo(new Person(1, "Ada", 2));
    }

    @Test
    void whatIsMissingAndWhatIsExtraAreInOneMessage() {
        var row = new FakeRow(columns("id", "name", "age"), 1L, "Ada", 2);
        assertRefused(
                () -> row.as(Person.class),
                "no column for [firstName] among [id, name, age]",
                "; and it has no component for the columns [name]");
        assertRefused(() -> row.asLenient(Person.class), "no column for [firstName] among [id, name, age]");
    }

    @Test
    void settersWithoutColumnAndColumnsWithoutSetterAreNamed() {
        var row = new FakeRow(columns("id", "nick_name"), 3, "x");
        assertRefused(
                () -> row.as(Bean.class),
                "no column for [",
                "firstName",
                "moods",
                "it has no setter for the columns [nick_name]",
                "asLenient");
        Bean bean = row.asLenient(Bean.class);
        assertThat(bean.id).isEqualTo(3);
        assertThat(bean.firstName).isEqualTo("unset");
    }

    @Test
    void readsPrimitivesWithoutBoxing() {
        var row = new FakeRow(
                columns("i", "l", "s", "d", "f", "b", "y", "c"), 1, 2L, (short) 3, 4d, 5f, true, (byte) 6, 'c');
        assertThat(row.as(Primitives.class)).isEqualTo(new Primitives(1, 2, (short) 3, 4, 5, true, (byte) 6, 'c'));
        assertThat(row.calls)
                .startsWith("getInt(0)", "getLong(1)", "getShort(2)", "getDouble(3)", "getFloat(4)", "getBoolean(5)");
    }

    @Test
    void nullForAPrimitiveIsRefused() {
        assertRefused(() -> new FakeRow(columns("id", "first_name", "age"), null, "Ada", 1).as(Person.class), "NULL");
        assertRefused(
                () -> new FakeRow(
                                columns("i", "l", "s", "d", "f", "b", "y", "c"),
                                1,
                                2L,
                                (short) 3,
                                4d,
                                5f,
                                true,
                                null,
                                'c')
                        .as(Primitives.class),
                "column 'y' is NULL",
                "use Byte");
    }

    @Test
    void readsOptionals() {
        List<Column> columns = columns("name", "i", "l", "mood");
        assertThat(new FakeRow(columns, "x", 1, 2L, "sad").as(Wrapped.class))
                .isEqualTo(new Wrapped(Optional.of("x"), OptionalInt.of(1), OptionalLong.of(2), Optional.of(Mood.sad)));
        assertThat(new FakeRow(columns, null, null, null, null).as(Wrapped.class))
                .isEqualTo(new Wrapped(Optional.empty(), OptionalInt.empty(), OptionalLong.empty(), Optional.empty()));
    }

    @Test
    void convertsElementsOfCollections() {
        List<Column> columns = columns("names", "moods", "ids", "maybe", "any");
        var row = new FakeRow(
                columns,
                new Object[] {"a", null},
                new Object[] {"happy", null, "sad"},
                new Object[] {2L, 1L, 2L},
                new Object[] {"sad"},
                List.of(1, "x"));
        Lists lists = row.as(Lists.class);
        assertThat(lists.names()).containsExactly("a", null).isUnmodifiable();
        assertThat(lists.moods()).containsExactly(Mood.happy, null, Mood.sad);
        assertThat(lists.ids()).containsExactly(2L, 1L);
        assertThat(lists.maybe()).contains(List.of(Mood.sad));
        assertThat(lists.any()).isEqualTo(List.of(1, "x"));
        assertThat(row.calls)
                .containsExactly(
                        "get(0, String[])", "get(1, Mood[])", "get(2, Long[])", "get(3, Mood[])", "get(4, List)");

        assertThat(new FakeRow(columns, null, null, null, null, null).as(Lists.class))
                .isEqualTo(new Lists(null, null, null, Optional.empty(), null));
    }

    @Test
    void convertsNestedCollectionsAndPassesTheRestOn() {
        Mood[] array = {Mood.sad};
        var row = new FakeRow(
                columns("matrix", "array", "map", "object"),
                new Object[] {new Object[] {"sad", "happy"}, new Object[] {}},
                array,
                Map.of("k", 1),
                4711);
        Nested nested = row.as(Nested.class);
        assertThat(nested)
                .isEqualTo(new Nested(List.of(List.of(Mood.sad, Mood.happy), List.of()), array, Map.of("k", 1), 4711));
        assertThat(row.calls).contains("get(0, Mood[][])", "get(2, Map)", "get(3)");
    }

    @Test
    void erasesTypeVariablesAndWildcards() {
        assertThat(new FakeRow(columns("value", "moods"), 5, new Object[] {"sad"}).as(Generic.class))
                .isEqualTo(new Generic<>(5, List.of(Mood.sad)));
    }

    @Test
    void nestedRecordIsLeftToTheRow() {
        var address = new Address("Main St", "York");
        assertThat(new FakeRow(columns("id", "address"), 1, address).as(Customer.class))
                .isEqualTo(new Customer(1, address));
    }

    @Test
    void makesClassesWithOneConstructor() {
        assertThat(new FakeRow(columns("name", "id"), "x", 1).as(OneConstructor.class).text)
                .isEqualTo("1x");
        assertThat(new FakeRow(columns("id"), 5).as(TwoConstructors.class).id).isEqualTo(5);
    }

    @Test
    void callsTheSetters() {
        Bean bean = new FakeRow(columns("id", "moods", "first_name"), 3, new Object[] {"sad"}, "x").as(Bean.class);
        assertThat(bean.id).isEqualTo(3);
        assertThat(bean.firstName).isEqualTo("x");
        assertThat(bean.moods).containsExactly(Mood.sad);
    }

    @Test
    void oneColumnBecomesAValue() {
        UUID uuid = UUID.randomUUID();
        LocalDate date = LocalDate.of(2026, 1, 1);
        assertThat(new FakeRow(columns("n"), 5L).as(Long.class)).isEqualTo(5L);
        assertThat(new FakeRow(columns("n"), "x").as(String.class)).isEqualTo("x");
        assertThat(new FakeRow(columns("n"), uuid).as(UUID.class)).isEqualTo(uuid);
        assertThat(new FakeRow(columns("n"), date).as(LocalDate.class)).isEqualTo(date);
        assertThat(new FakeRow(columns("n"), "sad").as(Mood.class)).isEqualTo(Mood.sad);
        assertThat(new FakeRow(columns("n"), new byte[] {1}).as(byte[].class)).containsExactly(1);
        assertThat(new FakeRow(columns("n"), 5).as(int.class)).isEqualTo(5);
        assertThat(new FakeRow(columns("n"), 5).as(Object.class)).isEqualTo(5);
        assertThat(new FakeRow(columns("n"), List.of(1)).as(List.class)).isEqualTo(List.of(1));
        assertThat(new FakeRow(columns("n"), (Object) null).as(Long.class)).isNull();
        assertRefused(() -> new FakeRow(columns("n"), (Object) null).as(int.class), "NULL");
    }

    @Test
    void oneColumnOfAnotherNameBecomesTheWholeObject() {
        var address = new Address("Main St", "York");
        assertThat(new FakeRow(columns("home"), address).as(Address.class)).isEqualTo(address);
        assertRefused(
                () -> new FakeRow(columns("home"), "x").as(Address.class),
                "record",
                "Address does not fit",
                "[street, city]",
                "[home]",
                "nor could its one column be converted");
    }

    @Test
    void missingColumnsAreNamed() {
        assertRefused(
                () -> new FakeRow(columns("id", "name", "x"), 1L, "Ada", 1).as(Person.class),
                "Person does not fit",
                "no column for [firstName, age] among [id, name, x]");
        assertRefused(() -> new FakeRow(columns("x", "y"), 1, 2).as(Bean.class), "no column for", "among [x, y]");
        assertRefused(() -> new FakeRow(columns("x", "y"), 1, 2).as(Nothing.class), "does not fit");
    }

    @Test
    void valueOfSeveralColumnsIsRefused() {
        assertRefused(
                () -> new FakeRow(columns("a", "b"), 1, 2).as(Long.class),
                "java.lang.Long takes the value of one column, but the result has 2 [a, b]",
                "toMap()");
        assertRefused(() -> new FakeRow(columns(), new Object[0]).as(Long.class), "has 0 []");
    }

    @Test
    void whatAConstructorThrowsIsTheCauseAndNotInTheMessage() {
        assertThatExceptionOfType(ConversionException.class)
                .isThrownBy(() -> new FakeRow(columns("n"), -5).as(Positive.class))
                .withMessageContaining("Positive refused the values of the row: java.lang.IllegalArgumentException")
                .withMessageNotContaining("SeCr")
                .withCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void failedConversionKeepsItsMessage() {
        assertRefused(() -> new FakeRow(columns("id", "first_name", "age"), 1L, 5, 1).as(Person.class), "no String");
    }

    @Test
    void manyComponentsAreFine() {
        String[] names = Arrays.stream(Wide.class.getRecordComponents())
                .map(component -> component.getName())
                .toArray(String[]::new);
        Object[] values = new Object[names.length];
        Arrays.setAll(values, i -> (long) i);
        assertThat(new FakeRow(columns(names), values).as(Wide.class).c29()).isEqualTo(29);
    }

    record Wide(
            long c00,
            long c01,
            long c02,
            long c03,
            long c04,
            long c05,
            long c06,
            long c07,
            long c08,
            long c09,
            long c10,
            long c11,
            long c12,
            long c13,
            long c14,
            long c15,
            long c16,
            long c17,
            long c18,
            long c19,
            long c20,
            long c21,
            long c22,
            long c23,
            long c24,
            long c25,
            long c26,
            long c27,
            long c28,
            long c29) {}

    private static void assertRefused(ThrowingCallable call, String... parts) {
        assertThatExceptionOfType(ConversionException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }
}
