# What a laboratory would write in R: every plate read with readxl, its curve fitted with minpack.lm, one table of concentrations.
#
#     Rscript plates.R STUDY OUT.csv
#
# A 4PL with variances of the fitted means (squared), three rounds; duplicates as the mean of their concentrations. No limits, no
# intervals, no checks, no page: the least that ends in the same numbers.

library(minpack.lm)
arguments <- commandArgs(trailingOnly = TRUE)
study <- arguments[1]

curve <- function(x, a, d, c, b) ifelse(x == 0, a, d + (a - d) / (1 + (x / c)^b))

responses <- function(file) {
    sheet <- suppressMessages(readxl::read_excel(file, col_names = FALSE, .name_repair = "minimal"))
    first <- as.character(sheet[[1]])
    grid <- function(wavelength) {
        from <- which(first == wavelength)[1] + 2
        values <- as.matrix(sheet[from:(from + 7), 2:13])
        well <- outer(LETTERS[1:8], 1:12, function(row, column) sprintf("%s%02d", row, column))
        suppressWarnings(setNames(as.numeric(values), as.vector(well))) # OVER is none
    }
    grid("450") - grid("570")
}

fit <- function(x, y) {
    start <- list(a = mean(y[x == 0]), d = 1.1 * max(y), c = median(x[x > 0]), b = 1)
    if (is.nan(start$a)) start$a <- min(y)
    mean <- pmax(y, 1e-3)
    for (round in 1:3) {
        weights <- 1 / mean^2
        fitted <- nlsLM(y ~ curve(x, a, d, c, b), start = start, weights = weights,
                        lower = c(-1, 0, 1e-3, 0.1), upper = c(5, 50, 1e6, 10), control = nls.lm.control(maxiter = 200))
        start <- as.list(coef(fitted))
        mean <- pmax(predict(fitted), 1e-3)
    }
    start
}

rows <- lapply(sort(list.files(file.path(study, "layouts"), pattern = "\\.csv$")), function(name) {
    plate <- sub("\\.csv$", "", name)
    response <- responses(file.path(study, "exports", paste0(plate, ".xlsx")))
    layout <- read.csv(file.path(study, "layouts", name))
    standards <- layout[layout$role == "standard", ]
    standards <- standards[!is.na(response[standards$well]), ]
    p <- fit(standards$concentration, response[standards$well])
    samples <- layout[layout$role == "sample", ]
    ratio <- (p$a - p$d) / (response[samples$well] - p$d) - 1
    samples$value <- ifelse(ratio > 0, samples$dilution * p$c * pmax(ratio, 0)^(1 / p$b), NA)
    mean <- aggregate(value ~ sample, samples, mean)
    data.frame(plate = plate, sample = mean$sample, concentration = mean$value)
})
write.csv(do.call(rbind, rows), arguments[2], row.names = FALSE)
