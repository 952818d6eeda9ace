package io.github.pgpure.connection;

import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import io.github.pgpure.Query;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import io.github.pgpure.protocol.FrontendMessage.Bind;
import io.github.pgpure.row.RowShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of one run of a statement. */
final class BoundValues implements Bind.Values {

    private final Statement statement;
    private final Statement.Resolution resolution;
    private final List<@Nullable Object> values;

    private BoundValues(Statement statement, List<@Nullable Object> values) {
        this.statement = statement;
        this.resolution = statement.resolution();
        this.values = values;
    }

    /**
     * The values of a query, positional or named.
     *
     * @throws IllegalArgumentException when the number or the names do not fit the statement
     */
    static BoundValues of(Statement statement, Query query) {
        List<String> names = statement.parameterNames();
        if (names.isEmpty() && query.namedParams().isEmpty()) {
            return of(statement, query.params());
        }
        if (!query.params().isEmpty()) {
            throw new IllegalArgumentException("the statement has the named parameters " + names
                    + ", but was given values by position: use Query.bind(name, value); statement: " + statement.sql());
        }
        Map<String, @Nullable Object> named = query.namedParams();
        for (String name : named.keySet()) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException("the statement has no parameter :" + name + "; "
                        + (names.isEmpty() ? "it has no named parameters" : "it has :" + String.join(", :", names))
                        + "; statement: " + statement.sql());
            }
        }
        List<@Nullable Object> values = new ArrayList<>(names.size());
        for (String name : names) {
            if (!named.containsKey(name)) {
                throw new IllegalArgumentException("the parameter :" + name + " has no value: call Query.bind(\"" + name
                        + "\", value); statement: " + statement.sql());
            }
            values.add(named.get(name));
        }
        return new BoundValues(statement, values);
    }

    /**
     * These values by position.
     *
     * @throws IllegalArgumentException when the number does not fit the statement
     */
    static BoundValues of(Statement statement, List<@Nullable Object> values) {
        int expected = statement.parameterTypes().length;
        if (values.size() != expected) {
            throw new IllegalArgumentException(
                    "the statement has " + expected + (expected == 1 ? " parameter" : " parameters")
                            + ", but " + values.size() + (values.size() == 1 ? " value was" : " values were")
                            + " given; statement: "
                            + statement.sql());
        }
        return new BoundValues(statement, values);
    }

    static BoundValues of(Statement statement, @Nullable Object[] values) {
        return of(statement, Arrays.asList(values));
    }

    /** What the rows have in common that these values bring. */
    RowShape shape() {
        return resolution.shape();
    }

    @Override
    public int count() {
        return values.size();
    }

    @Override
    public Format format(int index) {
        return resolution.parameters()[index].format();
    }

    @Override
    public boolean write(int index, FrontendBuffer out) {
        Object value = values.get(index);
        if (value == null) {
            return false;
        }
        Codec codec = resolution.parameters()[index];
        try {
            codec.encode(resolution.context(), value, out);
            return true;
        } catch (RuntimeException e) {
            throw failed(index, codec, value, e);
        }
    }

    private ConversionException failed(int index, Codec codec, Object value, RuntimeException cause) {
        List<String> names = statement.parameterNames();
        String parameter = names.isEmpty() ? "$" + (index + 1) : ":" + names.get(index);
        String message = "parameter " + parameter + " of type " + codec.typeName() + " cannot be set from "
                + value.getClass().getTypeName();
        if (cause instanceof ConversionException) {
            return new ConversionException(message + ": " + cause.getMessage(), Outcome.NOT_SENT, cause.getCause());
        }
        return new ConversionException(message, Outcome.NOT_SENT, cause);
    }
}
