package io.github.pgpure.demo;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Says what went wrong as {@code application/problem+json}; Spring's own exceptions are covered by the superclass. */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

    @ExceptionHandler({UnknownShowException.class, UnknownReservationException.class, UnknownReportException.class})
    ProblemDetail notFound(RuntimeException e) {
        return problem(HttpStatus.NOT_FOUND, e.getMessage());
    }

    @ExceptionHandler
    ProblemDetail unknownSeats(UnknownSeatsException e) {
        ProblemDetail problem = problem(HttpStatus.BAD_REQUEST, e.getMessage());
        problem.setProperty("seats", e.seats());
        return problem;
    }

    @ExceptionHandler
    ProblemDetail seatsTaken(SeatsTakenException e) {
        ProblemDetail problem = problem(HttpStatus.CONFLICT, e.getMessage());
        problem.setProperty("seats", e.seats());
        return problem;
    }

    @ExceptionHandler
    ProblemDetail tooSlow(QueryTimeoutException e) {
        return problem(
                HttpStatus.GATEWAY_TIMEOUT, "The database did not answer in time; the statement has been cancelled.");
    }

    /** No connection, lock or thread to be had just now, or the connection was lost: asking again may help. */
    @ExceptionHandler({
        TransientDataAccessException.class,
        DataAccessResourceFailureException.class,
        CannotCreateTransactionException.class,
        RejectedExecutionException.class
    })
    ResponseEntity<ProblemDetail> busy(RuntimeException e) {
        logger.warn("Refused a request: " + e.getMessage());
        return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header(HttpHeaders.RETRY_AFTER, "1")
                .body(problem(HttpStatus.SERVICE_UNAVAILABLE, "The box office is busy; please try again."));
    }

    /** The connection was lost while the server committed. Nobody should try again without looking. */
    @ExceptionHandler
    ProblemDetail outcomeUnknown(TransactionSystemException e) {
        logger.error("Lost the connection during a commit", e);
        return problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "The connection to the database was lost; please look whether the seats are yours before you try again.");
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        Map<String, String> errors = new TreeMap<>();
        e.getFieldErrors()
                .forEach(error -> errors.putIfAbsent(error.getField(), String.valueOf(error.getDefaultMessage())));
        e.getBody().setProperty("errors", errors);
        return super.handleMethodArgumentNotValid(e, headers, status, request);
    }

    private static ProblemDetail problem(HttpStatus status, @Nullable String detail) {
        return ProblemDetail.forStatusAndDetail(status, String.valueOf(detail));
    }
}
