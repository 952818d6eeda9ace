package io.github.pgpure.spring;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.ConversionException;
import io.github.pgpure.MissingRowException;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.EmptyResultDataAccessException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.PermissionDeniedDataAccessException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TypeMismatchDataAccessException;

/** The table of {@link PgExceptionTranslator}, apart from it so that Spring's exceptions are loaded when there is one to translate. */
final class ExceptionTranslation {

    private ExceptionTranslation() {}

    static DataAccessException of(@Nullable String task, PgException exception) {
        String message = task == null ? String.valueOf(exception.getMessage()) : task + ": " + exception.getMessage();
        if (exception instanceof PgServerException server) {
            return translateSqlState(message, server);
        }
        if (exception instanceof io.github.pgpure.QueryTimeoutException) {
            return new QueryTimeoutException(message, exception);
        }
        if (exception instanceof AcquireTimeoutException
                || exception instanceof PgConnectionException
                || exception instanceof PgProtocolException) {
            return new DataAccessResourceFailureException(message, exception);
        }
        if (exception instanceof MissingRowException) {
            return new EmptyResultDataAccessException(message, 1, exception);
        }
        if (exception instanceof ConversionException) {
            // A parameter that does not fit is the caller's mistake; a value that does not fit is a mismatch of the
            // mapping.
            return exception.outcome() == Outcome.NOT_SENT
                    ? new InvalidDataAccessApiUsageException(message, exception)
                    : new TypeMismatchDataAccessException(message, exception);
        }
        return new UncategorizedPgException(message, exception);
    }

    private static DataAccessException translateSqlState(String message, PgServerException exception) {
        switch (exception.sqlState()) {
            case "23505":
                return new DuplicateKeyException(message, exception);
            case "40001", "55P03":
                return new CannotAcquireLockException(message, exception);
            case "57014":
                return new QueryTimeoutException(message, exception);
            case "42501":
                return new PermissionDeniedDataAccessException(message, exception);
            default:
                break;
        }
        return switch (sqlStateClass(exception.sqlState())) {
            case "22", "23", "27", "44" -> new DataIntegrityViolationException(message, exception);
            case "21", "42" -> new InvalidDataAccessResourceUsageException(message, exception);
            case "28" -> new PermissionDeniedDataAccessException(message, exception);
            case "40" -> new PessimisticLockingFailureException(message, exception);
            case "08", "53", "54", "57", "58" -> new DataAccessResourceFailureException(message, exception);
            case "0A", "25" -> new InvalidDataAccessApiUsageException(message, exception);
            default -> new UncategorizedPgException(message, exception);
        };
    }

    private static String sqlStateClass(String sqlState) {
        return sqlState.length() < 2 ? sqlState : sqlState.substring(0, 2);
    }
}
