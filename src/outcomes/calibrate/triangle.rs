//! Dense symmetric and triangular matrices, by rows of their lower half.
//!
//! Written out rather than taken from a library of linear algebra: those choose their instructions,
//! and with them the order of summation, by the processor they find, so that the last bits differ
//! between machines. Here each operation is one of IEEE 754's exactly rounded five, in an order
//! fixed by the source.

/// The lower half of a square matrix, packed by rows.
#[derive(Debug, Clone)]
pub(super) struct Triangle {
    size: usize,
    cells: Vec<f64>,
}

/// A symmetric matrix turned into a tridiagonal one by a rotation, and a vector turned with it.
#[derive(Debug, Default)]
pub(super) struct Tridiagonal {
    pub diagonal: Vec<f64>,
    /// `beside[k]` stands between `k − 1` and `k`; the first is 0.
    pub beside: Vec<f64>,
    pub vector: Vec<f64>,
}

/// The inverse of a Cholesky factor: `W` with `W'W = A⁻¹`.
#[derive(Debug)]
pub(super) struct InverseRoot {
    /// Column `j` of `W`, from row `j` on: above it are zeros.
    pub columns: Vec<Vec<f64>>,
}

impl Triangle {
    pub fn zero(size: usize) -> Self {
        Self { size, cells: vec![0.0; size * (size + 1) / 2] }
    }

    /// The cell of a row and a column, or of the column and the row.
    pub fn at(&mut self, one: usize, other: usize) -> &mut f64 {
        let (row, column) = (one.max(other), one.min(other));
        &mut self.cells[row * (row + 1) / 2 + column]
    }

    pub fn add_to_diagonal(&mut self, number: f64) {
        for place in 0..self.size {
            *self.at(place, place) += number;
        }
    }

    fn row(&self, row: usize) -> &[f64] {
        let start = row * (row + 1) / 2;
        &self.cells[start..=start + row]
    }

    fn row_mut(&mut self, row: usize) -> &mut [f64] {
        let start = row * (row + 1) / 2;
        &mut self.cells[start..=start + row]
    }

    /// Householder's reduction of a symmetric matrix, from the last row up (Martin, Reinsch and
    /// Wilkinson 1968, "Householder's tridiagonalization of a symmetric matrix", Numerische
    /// Mathematik 11). `4/3 n³` operations.
    pub fn tridiagonal(mut self, mut vector: Vec<f64>) -> Tridiagonal {
        let mut beside = vec![0.0; self.size];
        for row in (1..self.size).rev() {
            let mut mirror = self.row(row)[..row].to_vec();
            let last = mirror[row - 1];
            let squared = dot(&mirror, &mirror);
            if dot(&mirror[..row - 1], &mirror[..row - 1]) == 0.0 {
                beside[row] = last;
                continue;
            }
            beside[row] = if last > 0.0 { -squared.sqrt() } else { squared.sqrt() };
            let height = squared - last * beside[row];
            mirror[row - 1] = last - beside[row];
            self.reflect(&mirror, height);
            let along = dot(&mirror, &vector[..row]) / height;
            add(&mut vector[..row], -along, &mirror);
        }
        let diagonal = (0..self.size).map(|place| self.row(place)[place]).collect();
        Tridiagonal { diagonal, beside, vector }
    }

    /// Reflects the leading rows and columns in the plane across `mirror`, whose squared length is
    /// twice `height`.
    fn reflect(&mut self, mirror: &[f64], height: f64) {
        let mut image = self.times(mirror);
        image.iter_mut().for_each(|number| *number /= height);
        let along = dot(mirror, &image) / (2.0 * height);
        add(&mut image, -along, mirror);
        for row in 0..mirror.len() {
            let (by_image, by_mirror) = (mirror[row], image[row]);
            let cells = self.row_mut(row).iter_mut().zip(&image).zip(mirror);
            for ((cell, image), mirror) in cells {
                *cell -= by_image * image + by_mirror * mirror;
            }
        }
    }

    /// The leading rows and columns, taken as symmetric, times a vector.
    fn times(&self, vector: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; vector.len()];
        for row in 0..vector.len() {
            let cells = self.row(row);
            product[row] += dot(cells, &vector[..=row]);
            add(&mut product[..row], vector[row], &cells[..row]);
        }
        product
    }

    /// The inverse of the Cholesky factor of a positive definite matrix. `2/3 n³` operations.
    pub fn inverse_root(mut self) -> InverseRoot {
        self.factor();
        let column = |first: usize| {
            let mut column = vec![1.0 / self.row(first)[first]];
            for row in first + 1..self.size {
                let cells = self.row(row);
                column.push(-dot(&cells[first..row], &column) / cells[row]);
            }
            column
        };
        InverseRoot { columns: (0..self.size).map(column).collect() }
    }

    /// Cholesky's factorisation, in place, row by row.
    fn factor(&mut self) {
        for row in 0..self.size {
            let (above, rest) = self.cells.split_at_mut(row * (row + 1) / 2);
            let cells = &mut rest[..=row];
            for column in 0..row {
                let start = column * (column + 1) / 2;
                let other = &above[start..=start + column];
                cells[column] = (cells[column] - dot(&cells[..column], &other[..column])) / other[column];
            }
            cells[row] = (cells[row] - dot(&cells[..row], &cells[..row])).sqrt();
        }
    }
}

impl InverseRoot {
    /// `A⁻¹` times a vector.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut halfway = vec![0.0; right.len()];
        for (first, column) in self.columns.iter().enumerate() {
            add(&mut halfway[first..], right[first], column);
        }
        self.spread(&halfway)
    }

    /// `W'` times a vector: of independent numbers of variance 1 it makes numbers of covariance `A⁻¹`.
    pub fn spread(&self, vector: &[f64]) -> Vec<f64> {
        self.columns.iter().enumerate().map(|(first, column)| dot(column, &vector[first..])).collect()
    }

    /// `a'A⁻¹a`, for an `a` that is zero but in the given places.
    pub fn variance_of(&self, weights: &[(usize, f64)]) -> f64 {
        let mut sum = vec![0.0; self.columns.len()];
        for (place, weight) in weights {
            add(&mut sum[*place..], *weight, &self.columns[*place]);
        }
        dot(&sum, &sum)
    }
}

/// The scalar product, in eight running sums: a fixed order that processors can keep up with.
pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left, left_rest) = left.as_chunks::<8>();
    let (right, right_rest) = right.as_chunks::<8>();
    for (left, right) in left.iter().zip(right) {
        for lane in 0..8 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let rest = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum::<f64>();
    sums.iter().sum::<f64>() + rest
}

/// `to += times × from`.
fn add(to: &mut [f64], times: f64, from: &[f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += times * from;
    }
}
