package io.github.pgpure.demo;

import io.github.pgpure.PgServerException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

@RestController
class PriceListController {

    private static final long MAX_BYTES = 1_000_000;

    private final PriceLists priceLists;

    PriceListController(PriceLists priceLists) {
        this.priceLists = priceLists;
    }

    record Uploaded(long changed) {}

    /** Takes the file as it is, so that it never has to be in memory. */
    @PostMapping(path = "/api/shows/{id}/prices", consumes = "text/csv")
    Uploaded upload(@PathVariable long id, HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() < 0) {
            throw new ResponseStatusException(HttpStatus.LENGTH_REQUIRED, "Say how long the file is.");
        }
        if (request.getContentLengthLong() > MAX_BYTES) {
            throw new ResponseStatusException(
                    HttpStatus.CONTENT_TOO_LARGE, "A price list has at most " + MAX_BYTES + " bytes.");
        }
        return new Uploaded(priceLists.upload(id, request.getInputStream()));
    }

    /** What PostgreSQL says of a wrong file names its line and column. */
    @ExceptionHandler
    ProblemDetail badFile(DataIntegrityViolationException e) {
        String detail = e.getCause() instanceof PgServerException server
                ? server.getMessage() + ": " + server.where()
                : "The file is not a price list.";
        return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, detail);
    }
}
