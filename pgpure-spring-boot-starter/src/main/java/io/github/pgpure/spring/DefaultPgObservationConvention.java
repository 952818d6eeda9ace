package io.github.pgpure.spring;

import io.github.pgpure.PgHost;
import io.github.pgpure.PgServerException;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry's semantic conventions for databases
 * (<a href="https://opentelemetry.io/docs/specs/semconv/database/">specification</a>).
 *
 * <p>The observation is {@code db.client.operation.duration}, a span's name the summary of the statement. Parameters' values and
 * literals are never recorded.
 */
public class DefaultPgObservationConvention implements PgObservationConvention {

    private static final KeyValue SYSTEM = KeyValue.of("db.system.name", "postgresql");
    private static final KeyValue NO_STATUS = KeyValue.of("db.response.status_code", KeyValue.NONE_VALUE);
    private static final KeyValue NO_ERROR = KeyValue.of("error.type", KeyValue.NONE_VALUE);

    @Override
    public String getName() {
        return "db.client.operation.duration";
    }

    @Override
    public String getContextualName(PgObservationContext context) {
        return context.querySummary();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(PgObservationContext context) {
        PgHost host = context.connectOptions().hosts().get(0);
        return KeyValues.of(
                SYSTEM,
                KeyValue.of("db.namespace", context.connectOptions().database()),
                KeyValue.of(
                        "db.operation.name",
                        context.batchSize() > 1 ? "BATCH " + context.operationName() : context.operationName()),
                KeyValue.of("db.query.summary", context.querySummary()),
                KeyValue.of("server.address", host.name()),
                KeyValue.of("server.port", String.valueOf(host.port())),
                status(context.getError()),
                errorType(context.getError()));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(PgObservationContext context) {
        KeyValues values = KeyValues.of("db.query.text", context.queryText());
        return context.batchSize() > 1
                ? values.and("db.operation.batch.size", String.valueOf(context.batchSize()))
                : values;
    }

    private static KeyValue status(@Nullable Throwable error) {
        String sqlState = sqlState(error);
        return sqlState == null ? NO_STATUS : KeyValue.of("db.response.status_code", sqlState);
    }

    /** The SQLSTATE where the server gave one, as the specification wants it, else the exception. */
    private static KeyValue errorType(@Nullable Throwable error) {
        if (error == null) {
            return NO_ERROR;
        }
        String sqlState = sqlState(error);
        return KeyValue.of(
                "error.type", sqlState != null ? sqlState : error.getClass().getName());
    }

    private static @Nullable String sqlState(@Nullable Throwable error) {
        for (Throwable e = error; e != null; e = e.getCause()) {
            if (e instanceof PgServerException server) {
                return server.sqlState();
            }
        }
        return null;
    }
}
