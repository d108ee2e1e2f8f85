//! Outlines of a GeoPackage: a header and well-known binary → rings of points.
//!
//! Source: OGC 12-128r19, GeoPackage Encoding Standard 1.4 (2023), clause 2.1.3 (header, and the numbers of types with Z and M);
//! ISO/IEC 13249-3 (SQL/MM), well-known binary.

/// Points of a ring, x and y.
pub(super) type Ring = Vec<(f64, f64)>;

/// Why a blob is no outline.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum OutlineFault {
    /// Another beginning than `GP`, version 1.
    #[error("does not begin as the geometry of a GeoPackage does")]
    Header,
    /// Type of an extension of the standard.
    #[error("is a geometry of an extension of GeoPackage")]
    Extended,
    /// No point in it.
    #[error("is empty")]
    Empty,
    /// The bytes are at an end before it is.
    #[error("ends too early")]
    Short,
    /// Bytes behind its end.
    #[error("goes on behind its end")]
    Long,
    /// A byte order that is neither 0 nor 1.
    #[error("is damaged: its byte order is unknown")]
    ByteOrder,
    /// Neither a polygon nor several.
    #[error("is a {}, and a Polygon or MultiPolygon is needed", word(*.0))]
    Type(u32),
    /// A coordinate that is no number.
    #[error("has a point that is not two numbers")]
    NotFinite,
}

/// Well-known types; from 1000 on with Z, from 2000 on with M, from 3000 on with both.
const POLYGON: u32 = 3;
const MULTI_POLYGON: u32 = 6;

/// Name of a well-known type.
fn word(kind: u32) -> &'static str {
    const WORDS: [&str; 18] = [
        "Geometry",
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
        "CircularString",
        "CompoundCurve",
        "CurvePolygon",
        "MultiCurve",
        "MultiSurface",
        "Curve",
        "Surface",
        "PolyhedralSurface",
        "TIN",
        "Triangle",
    ];
    let flat = if kind < 4000 { kind % 1000 } else { u32::MAX };
    usize::try_from(flat).ok().and_then(|at| WORDS.get(at)).copied().unwrap_or("geometry of an unknown type")
}

/// Bytes that are read from the front.
struct Bytes<'b> {
    rest: &'b [u8],
    little: bool,
}

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], OutlineFault> {
        let (own, rest) = self.rest.split_first_chunk::<N>().ok_or(OutlineFault::Short)?;
        self.rest = rest;
        Ok(*own)
    }

    fn order(&mut self) -> Result<(), OutlineFault> {
        self.little = match self.take()? {
            [0] => false,
            [1] => true,
            _ => return Err(OutlineFault::ByteOrder),
        };
        Ok(())
    }

    fn count(&mut self) -> Result<u32, OutlineFault> {
        let own = self.take()?;
        Ok(if self.little { u32::from_le_bytes(own) } else { u32::from_be_bytes(own) })
    }

    fn number(&mut self) -> Result<f64, OutlineFault> {
        let own = self.take()?;
        Ok(if self.little { f64::from_le_bytes(own) } else { f64::from_be_bytes(own) })
    }

    /// Byte order and type of a geometry: the type without Z and M, and the numbers of a point.
    fn geometry(&mut self) -> Result<(u32, usize), OutlineFault> {
        self.order()?;
        let kind = self.count()?;
        let numbers = match kind / 1000 {
            0 => 2,
            1 | 2 => 3,
            3 => 4,
            _ => return Err(OutlineFault::Type(kind)),
        };
        Ok((kind % 1000, numbers))
    }

    /// The rings of a polygon.
    fn polygon(&mut self, numbers: usize, rings: &mut Vec<Ring>) -> Result<(), OutlineFault> {
        for _ in 0..self.count()? {
            let points = self.count()? as usize;
            // A damaged count asks for no memory that the bytes do not fill.
            if points.saturating_mul(8 * numbers) > self.rest.len() {
                return Err(OutlineFault::Short);
            }
            let mut ring = Ring::with_capacity(points);
            for _ in 0..points {
                let (x, y) = (self.number()?, self.number()?);
                for _ in 2..numbers {
                    // Height and measure say nothing of borders.
                    self.number()?;
                }
                if !(x.is_finite() && y.is_finite()) {
                    return Err(OutlineFault::NotFinite);
                }
                ring.push((x, y));
            }
            rings.push(ring);
        }
        Ok(())
    }
}

/// The rings of a polygon or of several, outer and inner ones alike.
///
/// # Errors
/// [`OutlineFault`]: whatever the bytes are, this is all that they can do.
pub(super) fn rings(blob: &[u8]) -> Result<Vec<Ring>, OutlineFault> {
    let mut bytes = Bytes { rest: blob, little: true };
    let [b'G', b'P', 0, flags] = bytes.take().map_err(|_| OutlineFault::Header)? else {
        return Err(OutlineFault::Header);
    };
    if flags & 0b10_0000 != 0 {
        return Err(OutlineFault::Extended);
    }
    if flags & 0b1_0000 != 0 {
        return Err(OutlineFault::Empty);
    }
    // Numbers of the box around it.
    let around = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 4,
        2 | 3 => 6,
        4 => 8,
        _ => return Err(OutlineFault::Header),
    };
    // The system of coordinates, and the box.
    bytes.take::<4>()?;
    for _ in 0..around {
        bytes.take::<8>()?;
    }
    let mut rings = Vec::new();
    match bytes.geometry()? {
        (POLYGON, numbers) => bytes.polygon(numbers, &mut rings)?,
        (MULTI_POLYGON, _) => {
            for _ in 0..bytes.count()? {
                match bytes.geometry()? {
                    (POLYGON, numbers) => bytes.polygon(numbers, &mut rings)?,
                    (other, _) => return Err(OutlineFault::Type(other)),
                }
            }
        }
        (other, _) => return Err(OutlineFault::Type(other)),
    }
    if !bytes.rest.is_empty() {
        return Err(OutlineFault::Long);
    }
    if rings.iter().all(Vec::is_empty) {
        return Err(OutlineFault::Empty);
    }
    Ok(rings)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with flags and a box of so many zeros.
    fn header(flags: u8, around: usize) -> Vec<u8> {
        let mut blob = vec![b'G', b'P', 0, flags];
        blob.extend(28992_i32.to_le_bytes());
        blob.extend(vec![0; 8 * around]);
        blob
    }

    /// The triangle (0 0, 2 0, 0 2, 0 0) in an order of bytes, with further numbers per point.
    fn triangle(little: bool, kind: u32, further: usize) -> Vec<u8> {
        let count = |own: u32| if little { own.to_le_bytes() } else { own.to_be_bytes() };
        let number = |own: f64| if little { own.to_le_bytes() } else { own.to_be_bytes() };
        let mut blob = vec![u8::from(little)];
        blob.extend([count(kind), count(1), count(4)].concat());
        for (x, y) in [(0.0, 0.0), (2.0, 0.0), (0.0, 2.0), (0.0, 0.0)] {
            blob.extend([number(x), number(y)].concat());
            blob.extend(vec![0x7f; 8 * further]);
        }
        blob
    }

    const TRIANGLE: [(f64, f64); 4] = [(0.0, 0.0), (2.0, 0.0), (0.0, 2.0), (0.0, 0.0)];

    #[test]
    fn polygons_in_both_orders_of_bytes_with_and_without_a_box() {
        // Bit 0 of the flags is the order of the header, bits 1 to 3 the kind of box.
        for (flags, around) in [(0b0001, 0), (0b0011, 4), (0b0101, 6), (0b0111, 6), (0b1001, 8), (0b1000, 8)] {
            for little in [true, false] {
                let blob = [header(flags, around), triangle(little, 3, 0)].concat();
                assert_eq!(rings(&blob), Ok(vec![TRIANGLE.to_vec()]), "{flags:b}");
            }
        }
    }

    #[test]
    fn height_and_measure_are_passed_over() {
        for (kind, further) in [(1003, 1), (2003, 1), (3003, 2)] {
            let blob = [header(1, 0), triangle(false, kind, further)].concat();
            assert_eq!(rings(&blob), Ok(vec![TRIANGLE.to_vec()]), "{kind}");
        }
    }

    #[test]
    fn several_polygons_each_say_their_own_order() {
        let mut blob = [header(1, 0), vec![0], 6_u32.to_be_bytes().to_vec(), 2_u32.to_be_bytes().to_vec()].concat();
        blob.extend(triangle(true, 3, 0));
        blob.extend(triangle(false, 3, 0));
        assert_eq!(rings(&blob), Ok(vec![TRIANGLE.to_vec(), TRIANGLE.to_vec()]));
    }

    #[test]
    fn what_is_no_outline_is_said() {
        let said = |blob: &[u8]| rings(blob).unwrap_err().to_string();
        assert_eq!(rings(b""), Err(OutlineFault::Header));
        assert_eq!(rings(&[header(1, 0), triangle(true, 1, 0)].concat()), Err(OutlineFault::Type(1)));
        assert!(said(&[header(1, 0), triangle(true, 3010, 0)].concat()).contains("CurvePolygon"));
        assert!(said(&[header(1, 0), triangle(true, 0x8000_0003, 0)].concat()).contains("unknown type"));
        assert_eq!(rings(&[header(0b1_0001, 0), triangle(true, 3, 0)].concat()), Err(OutlineFault::Empty));
        assert_eq!(rings(&[header(0b10_0001, 0), triangle(true, 3, 0)].concat()), Err(OutlineFault::Extended));
        assert_eq!(rings(&[header(0b1011, 0), triangle(true, 3, 0)].concat()), Err(OutlineFault::Header));
        assert_eq!(rings(&[header(1, 0), triangle(true, 3, 0), vec![0]].concat()), Err(OutlineFault::Long));
        // No polygon, no ring, no point.
        let none = [vec![1], 6_u32.to_le_bytes().to_vec(), 0_u32.to_le_bytes().to_vec()].concat();
        assert_eq!(rings(&[header(1, 0), none].concat()), Err(OutlineFault::Empty));
        let bare = [vec![1], 3_u32.to_le_bytes().to_vec(), 1_u32.to_le_bytes().to_vec(), vec![0; 4]].concat();
        assert_eq!(rings(&[header(1, 0), bare].concat()), Err(OutlineFault::Empty));
        // More points than bytes: no memory is asked for.
        let many = [vec![1], 3_u32.to_le_bytes().to_vec(), 1_u32.to_le_bytes().to_vec(), vec![0xff; 4]].concat();
        assert_eq!(rings(&[header(1, 0), many].concat()), Err(OutlineFault::Short));
        let mut endless = [header(1, 0), triangle(true, 3, 0)].concat();
        endless.truncate(endless.len() - 8);
        endless.extend(f64::NAN.to_le_bytes());
        assert_eq!(rings(&endless), Err(OutlineFault::NotFinite));
    }

    #[test]
    fn every_cut_and_every_damaged_byte_is_an_outline_or_a_fault() {
        let mut whole =
            [header(0b0011, 4), vec![1], 6_u32.to_le_bytes().to_vec(), 2_u32.to_le_bytes().to_vec()].concat();
        whole.extend(triangle(true, 3, 0));
        whole.extend(triangle(false, 1003, 1));
        for end in 0..whole.len() {
            assert!(rings(&whole[..end]).is_err(), "{end}");
        }
        for at in 0..whole.len() {
            for value in 0..=u8::MAX {
                let mut blob = whole.clone();
                blob[at] = value;
                if let Ok(found) = rings(&blob) {
                    assert_eq!(found.iter().map(Vec::len).sum::<usize>(), 8);
                }
            }
        }
    }
}
